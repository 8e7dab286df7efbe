"""A bucket that speaks S3 as a remote: the extra `s3` (boto3). Keys and region are found as boto3 finds them.

`If-None-Match: *` makes an object for one asker alone (AWS, "Conditional writes", since August 2024; MinIO, R2 too).
`gs://` is Google's XML API, which speaks S3 with HMAC keys; there the same is `x-goog-if-generation-match: 0` (Google
Cloud, "Interoperability with other storage providers", "Request preconditions"; not tried against the real one).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from vidbuild.stores.remotes.remote import RemoteTrouble

_CHUNK = 1 << 18
_GOOGLE = "https://storage.googleapis.com"
_ABSENT = {"404", "NoSuchKey", "NotFound"}
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
            self._client.meta.events.register("before-call.s3.PutObject", _alone_at_google)

    def read(self, path: str, most: int) -> bytes | None:
        body = self._body(path, most)
        return None if body is None else self._taken(path, body, most)

    def fetch(self, path: str, to: BinaryIO, most: int) -> bool:
        body = self._body(path, most)
        if body is None:
            return False
        try:
            for chunk in body.iter_chunks(_CHUNK):
                to.write(chunk)
        except (BotoCoreError, OSError) as error:
            raise _trouble(path, error) from error
        return True

    def has(self, path: str) -> bool:
        try:
            self._client.head_object(Bucket=self._bucket, Key=self._key(path))
        except ClientError as error:
            if _code(error) in _ABSENT:
                return False
            raise _trouble(path, error) from error
        except BotoCoreError as error:
            raise _trouble(path, error) from error
        return True

    def write(self, path: str, source: Path | bytes) -> None:
        try:
            if isinstance(source, bytes):
                self._client.put_object(Bucket=self._bucket, Key=self._key(path), Body=source)
            else:
                self._client.upload_file(str(source), self._bucket, self._key(path))
        except (ClientError, BotoCoreError, boto3.exceptions.Boto3Error) as error:
            raise _trouble(path, error) from error

    def create(self, path: str, data: bytes) -> bool:
        try:
            self._client.put_object(Bucket=self._bucket, Key=self._key(path), Body=data, **self._alone)
        except ClientError as error:
            if _code(error) in _TAKEN:
                return False
            raise _trouble(path, error) from error
        except BotoCoreError as error:
            raise _trouble(path, error) from error
        return True

    def remove(self, path: str) -> None:
        try:
            self._client.delete_object(Bucket=self._bucket, Key=self._key(path))
        except (ClientError, BotoCoreError) as error:
            raise _trouble(path, error) from error

    def _body(self, path: str, most: int) -> Any:
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=self._key(path))
        except ClientError as error:
            if _code(error) in _ABSENT:
                return None
            raise _trouble(path, error) from error
        except BotoCoreError as error:
            raise _trouble(path, error) from error
        if answer["ContentLength"] > most:
            answer["Body"].close()
            raise RemoteTrouble(f"`{path}` is larger than {most} bytes")
        return answer["Body"]

    def _taken(self, path: str, body: Any, most: int) -> bytes:
        try:
            data: bytes = body.read(most)
        except (BotoCoreError, OSError) as error:
            raise _trouble(path, error) from error
        return data

    def _key(self, path: str) -> str:
        return f"{self._prefix}/{path}" if self._prefix else path


def _alone_at_google(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    """Let small objects be put where none is; what is written whole may stand there already, and is the same."""
    if not params["url_path"].rpartition("/")[0].endswith("claims"):
        return
    params["headers"]["x-goog-if-generation-match"] = "0"


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _trouble(path: str, error: Exception) -> RemoteTrouble:
    """Put it into words; boto3's own may hold what was sent."""
    if isinstance(error, ClientError):
        code = _code(error)
        is_down = code in {"AccessDenied", "NoSuchBucket", "InvalidAccessKeyId", "SignatureDoesNotMatch", "SlowDown"}
        return RemoteTrouble(f"`{path}` is answered by {code}", is_down=is_down)
    return RemoteTrouble(f"`{path}`: {type(error).__name__}", is_down=isinstance(error, BotoCoreError))
