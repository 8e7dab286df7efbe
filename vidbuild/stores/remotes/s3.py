"""A bucket that speaks S3 as a remote: the extra `s3` (boto3). Keys and region are found as boto3 finds them.

`If-None-Match: *` makes an object for one asker alone (AWS, "Conditional writes", since August 2024; MinIO, R2 too).
`gs://` is Google's XML API, which speaks S3 with HMAC keys; there the same is `x-goog-if-generation-match: 0` (Google
Cloud, "Interoperability with other storage providers", "Request preconditions"; not tried against the real one).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from vidbuild.stores.remotes.remote import RemoteTrouble, Target

_CHUNK = 1 << 18
_PARTS = TransferConfig(max_concurrency=2)
"""Eight uploads at once are made of this many parts each: memory and connections are bounded."""
_GOOGLE = "https://storage.googleapis.com"
_ABSENT = {"404", "NoSuchKey", "NotFound"}
_HOPELESS = {"AccessDenied", "NoSuchBucket", "InvalidAccessKeyId", "SignatureDoesNotMatch", "SlowDown"}
_TAKEN = {"PreconditionFailed", "412", "ConditionalRequestConflict"}


class S3Remote:
    """Objects in a bucket below a prefix."""

    claims = True

    def __init__(self, url: str, environ: Mapping[str, str]):
        parts = urlsplit(url)
        self._bucket, self._prefix = parts.netloc, parts.path.strip("/")
        is_google = parts.scheme == "gs"
        settings = Config(
            connect_timeout=5,
            read_timeout=20,
            retries={"max_attempts": 2},
            max_pool_connections=16,
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        endpoint = environ.get("AWS_ENDPOINT_URL") or (_GOOGLE if is_google else None)
        self._client: Any = boto3.client("s3", endpoint_url=endpoint, config=settings)
        self._alone = {} if is_google else {"IfNoneMatch": "*"}
        if is_google:
            self._client.meta.events.register("before-call.s3.PutObject", self._alone_at_google)
        self._creating = threading.local()

    def read(self, path: str, most: int) -> bytes | None:
        with _asked(path):
            body = self._body(path, most)
            data: bytes | None = None if body is None else body.read(most)
        return data

    def fetch(self, path: str, to: Target, most: int) -> bool:
        with _asked(path):
            body = self._body(path, most)
            for chunk in () if body is None else body.iter_chunks(_CHUNK):
                to.write(chunk)
        return body is not None

    def has(self, path: str) -> bool:
        with _asked(path):
            return self._unless(_ABSENT, self._client.head_object, path) is not None

    def write(self, path: str, source: Path | bytes) -> None:
        with _asked(path):
            if isinstance(source, bytes):
                self._client.put_object(Bucket=self._bucket, Key=self._key(path), Body=source)
            else:
                self._client.upload_file(str(source), self._bucket, self._key(path), Config=_PARTS)

    def create(self, path: str, data: bytes) -> bool:
        with _asked(path):
            self._creating.is_on = True
            try:
                return self._unless(_TAKEN, self._client.put_object, path, Body=data, **self._alone) is not None
            finally:
                self._creating.is_on = False

    def remove(self, path: str) -> None:
        with _asked(path):
            self._client.delete_object(Bucket=self._bucket, Key=self._key(path))

    def _body(self, path: str, most: int) -> Any:
        answer = self._unless(_ABSENT, self._client.get_object, path)
        if answer is None:
            return None
        if answer["ContentLength"] > most:
            answer["Body"].close()
            raise RemoteTrouble(f"`{path}` is larger than {most} bytes")
        return answer["Body"]

    def _unless(self, codes: Collection[str], ask: Callable[..., Any], path: str, **more: Any) -> Any:
        """Ask; `None` where the bucket says no with one of these codes."""
        try:
            return ask(Bucket=self._bucket, Key=self._key(path), **more)
        except ClientError as error:
            if _code(error) in codes:
                return None
            raise

    def _alone_at_google(self, params: dict[str, Any], **_: Any) -> None:
        """Let an object be put where none is, while one is created."""
        if getattr(self._creating, "is_on", False):
            params["headers"]["x-goog-if-generation-match"] = "0"

    def _key(self, path: str) -> str:
        return f"{self._prefix}/{path}" if self._prefix else path


@contextmanager
def _asked(path: str) -> Iterator[None]:
    """Put trouble into words; boto3's own may hold what was sent."""
    try:
        yield
    except ClientError as error:
        code = _code(error)
        raise RemoteTrouble(f"`{path}` is answered by {code}", is_down=code in _HOPELESS) from error
    except (BotoCoreError, boto3.exceptions.Boto3Error, OSError) as error:
        is_down = isinstance(error, BotoCoreError)
        raise RemoteTrouble(f"`{path}`: {type(error).__name__}", is_down=is_down) from error


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
