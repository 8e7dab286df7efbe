"""ComfyUI's own server: a graph is queued under the client's id, runs one at a time, and is told by the history.

From its source (Comfy-Org/ComfyUI `server.py`, `execution.py`, `comfy_execution/jobs.py`, 2026): routes, the canonical
UUID, validation node by node, messages, `interrupt` by id. It knows the few nodes below, of which two kinds save a
file; what it saves tells the graph, as theirs does. It has no moderation, no accounts and no 429; a proxy may have.
"""

from __future__ import annotations

import json
import struct
import time
import uuid
import zlib
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from vidbuild.testing.vendors import pictures
from vidbuild.testing.vendors.faults import Fault
from vidbuild.testing.vendors.fields import No
from vidbuild.testing.vendors.forms import parts_of
from vidbuild.testing.vendors.takes import MEDIA, Wants
from vidbuild.testing.vendors.vendor import Job, Vendor, digest_of
from vidbuild.testing.vendors.wire import Answer, Asked, said

_SAMPLING: Mapping[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("seed", "steps"), int),
    **dict.fromkeys(("cfg", "denoise"), (int, float)),
    **dict.fromkeys(("sampler_name", "scheduler"), str),
    **dict.fromkeys(("model", "positive", "negative", "latent_image"), list),
}
NODES: Mapping[str, Mapping[str, type | tuple[type, ...]]] = {
    "UNETLoader": {"unet_name": str, "weight_dtype": str},
    "CLIPLoader": {"clip_name": str, "type": str},
    "VAELoader": {"vae_name": str},
    "CheckpointLoaderSimple": {"ckpt_name": str},
    "ModelSamplingSD3": {"shift": (int, float), "model": list},
    "CLIPTextEncode": {"text": str, "clip": list},
    "LoadImage": {"image": str},
    "EmptyImage": {"width": int, "height": int, "batch_size": int, "color": int},
    "EmptySD3LatentImage": {"width": int, "height": int, "batch_size": int},
    "Wan22ImageToVideoLatent": {"width": int, "height": int, "length": int, "batch_size": int, "vae": list},
    "KSampler": _SAMPLING,
    "VAEDecode": {"samples": list, "vae": list},
    "CreateVideo": {"images": list, "fps": (int, float)},
    "SaveVideo": {"video": list, "filename_prefix": str, "format": str},
    "SaveImage": {"images": list, "filename_prefix": str},
    "PreviewImage": {"images": list},
}
"""The inputs that each kind of node must have."""
_SAVES = {"SaveVideo": "mp4", "SaveImage": "png"}
_WRONG = {"busy": 429, "missing": 404, "server": 500}
_ENDS = {"cancelled": "execution_interrupted", "expired": "execution_interrupted"}


class ComfyUI(Vendor):
    """A ComfyUI server on loopback."""

    name = "comfyui"

    def step_of(self, asked: Asked) -> str:
        """Say which step a request is."""
        steps = {
            ("POST", "/prompt"): "submit",
            ("POST", "/upload/image"): "upload",
            ("POST", "/interrupt"): "cancel",
            ("GET", "/queue"): "poll",
            ("GET", "/view"): "download",
        }
        is_history = asked.method == "GET" and asked.path.startswith("/history/")
        return "result" if is_history else steps.get((asked.method, asked.path), "other")

    async def answer(self, asked: Asked, step: str) -> Answer:
        """Queue a graph, tell the queue or the history, take a picture, interrupt."""
        if step == "submit":
            return said(self._submit(asked))
        if step == "poll":
            return said(self._queue())
        if step == "result":
            return said(self._history(asked.path.removeprefix("/history/")))
        if step == "upload":
            return said(self._upload(asked))
        if step == "cancel":
            job = self.jobs.get(str((asked.json or {}).get("prompt_id")))
            if job is not None and job.state == "running":
                job.is_cancelled = True
            return Answer(200)
        raise No("missing", "Not Found")

    def no(self, no: No) -> Answer:
        """Say no as it does to a graph that it can't run; what it never says itself, as a proxy before it."""
        status = _WRONG.get(no.kind, 400)
        waiting = {} if no.retry_after_s is None else {"Retry-After": f"{no.retry_after_s:g}"}
        wrong = json.loads(no.message) if no.message.startswith("{") else _error(no.kind, no.message)
        return said(wrong if "error" in wrong else {"error": wrong, "node_errors": {}}, status, waiting)

    def _submit(self, asked: Asked) -> Mapping[str, Any]:
        body = asked.json
        if not isinstance(body, dict) or not isinstance(body.get("prompt"), dict):
            raise No("invalid", json.dumps(_error("no_prompt", "No prompt provided")))
        id = body.get("prompt_id") or str(uuid.uuid4())
        if not isinstance(id, str) or not _is_canonical(id):
            raise No("invalid", json.dumps(_error("invalid_prompt_id", "prompt_id must be a valid UUID")))
        graph = body["prompt"]
        wrong = {number: errors for number, node in graph.items() if (errors := self._errors(graph, node))}
        if wrong:
            told = {"error": _error("prompt_outputs_failed_validation", "Prompt outputs failed validation")}
            by_node = {
                number: {"errors": one, "dependent_outputs": [], "class_type": ""} for number, one in wrong.items()
            }
            raise No("invalid", json.dumps({**told, "node_errors": by_node}))
        if not any(node["class_type"] in _SAVES for node in graph.values()):
            raise No("invalid", json.dumps(_error("prompt_no_outputs", "Prompt has no outputs")))
        job = self.accept(asked, graph, self._wants(graph), 0.0, id)
        if job.fate is None or job.fate.what not in ("same_id", "odd_id"):
            del self.jobs[job.id]
            job.id = id
            self.jobs[id] = job
        return {"prompt_id": self.told_id(job), "number": len(self.jobs), "node_errors": {}}

    def _errors(self, graph: Mapping[str, Any], node: Any) -> list[Mapping[str, Any]]:
        """Validate a node: its kind, the inputs that it must have, its links, its picture."""
        needed = NODES.get(node.get("class_type", "")) if isinstance(node, dict) else None
        if needed is None:
            return [_error("invalid_prompt", f"Cannot execute because node {node!r:.60} does not exist.")]
        inputs = node.get("inputs", {})
        lacking = sorted(needed.keys() - inputs)
        wrong: list[Mapping[str, Any]] = [
            _error("required_input_missing", "Required input is missing", name) for name in lacking
        ]
        for name, value in inputs.items():
            if isinstance(value, list):
                if len(value) != 2 or value[0] not in graph or not isinstance(value[1], int):
                    wrong.append(_error("bad_linked_input", "Bad linked input", f"{name}, {value}"))
            elif name in needed and (not isinstance(value, needed[name]) or isinstance(value, bool)):
                wrong.append(_error("invalid_input_type", "Failed to convert an input value", f"{name}, {value!r:.60}"))
        if node["class_type"] == "LoadImage" and inputs.get("image") not in self._uploaded:
            details = f"image - Invalid image file: {inputs.get('image')}"
            wrong.append(_error("custom_validation_failed", "Custom validation failed for node", details))
        return wrong

    def _wants(self, graph: Mapping[str, Any]) -> Wants:
        inputs = [node["inputs"] for node in graph.values()]
        sized: Mapping[str, Any] = next((one for one in inputs if "width" in one), {})
        rate = next((one["fps"] for one in inputs if "fps" in one), 24)
        frames = sized.get("length", sized.get("batch_size", 1))
        form = next(_SAVES[node["class_type"]] for node in graph.values() if node["class_type"] in _SAVES)
        given = next((node["inputs"]["image"] for node in graph.values() if node["class_type"] == "LoadImage"), None)
        return Wants(
            *(form, digest_of(graph), Fraction(frames) / Fraction(rate) if form == "mp4" else Fraction(0)),
            *((int(sized.get("width", 512)), int(sized.get("height", 512))), Fraction(rate)),
            init=self._uploaded[given] if given is not None else None,
        )

    @property
    def _uploaded(self) -> dict[str, bytes]:
        return self.__dict__.setdefault("_pictures", {})  # type: ignore[no-any-return]

    def _upload(self, asked: Asked) -> Mapping[str, Any]:
        parts = {part.name: part for part in parts_of(asked)}
        if "image" not in parts or not parts["image"].file or "/" in parts["image"].file:
            raise No("invalid", "image is missing")
        name, data = parts["image"].file, pictures.looked_at(parts["image"].data, "image")
        while name in self._uploaded and "overwrite" not in parts and self._uploaded[name] != data:
            name = f"1-{name}"
        self._uploaded[name] = data
        self.depot.keep(data)
        return {"name": name, "subfolder": "", "type": "input"}

    def _queue(self) -> Mapping[str, Any]:
        """Tell what runs and what waits: number, id, graph, extra data, outputs."""
        found: dict[str, list[Any]] = {"queue_running": [], "queue_pending": []}
        for number, job in enumerate(self.jobs.values()):
            job.polls += not job.has_ended
            if not job.has_ended and not _hides(job):
                row = [number, job.id, job.body, {"create_time": int(job.unix * 1000)}, ["9"]]
                found["queue_running" if job.state == "running" else "queue_pending"].append(row)
        return found

    def _history(self, id: str) -> Mapping[str, Any]:
        job = self.jobs.get(id)
        if job is None or not job.has_ended or _hides(job):
            return {}
        at = {"prompt_id": id, "timestamp": int(time.time() * 1000)}
        messages = [["execution_start", at], ["execution_cached", {**at, "nodes": []}]]
        is_done = job.state == "done"
        if is_done:
            messages.append(["execution_success", at])
        else:
            words = job.words or "CUDA out of memory"
            what = _ENDS.get(job.state, "execution_error")
            messages.append([what, {**at, "node_id": "3", "node_type": "KSampler", "exception_message": words}])
        status = {"status_str": "success" if is_done else "error", "completed": is_done, "messages": messages}
        told = {"prompt": [0, id, job.body, {}, ["9"]], "outputs": self._outputs(job) if is_done else {}}
        return {id: {**told, "status": status, "meta": {}}}

    def _outputs(self, job: Job) -> Mapping[str, Any]:
        preview = {"filename": "ComfyUI_temp_00001_.png", "subfolder": "", "type": "temp"}
        kept = {"filename": f"{job.id}_00001_.{job.wants.form}", "subfolder": "vidbuild", "type": "output"}
        return {"8": {"images": [preview]}, "9": {"images": [kept], "animated": [job.wants.form == "mp4"]}}

    async def _file(self, asked: Asked, fault: Fault | None) -> Answer:
        """Serve a file that was saved, with the graph in it."""
        job = self.jobs.get(asked.query.get("filename", "").partition("_")[0])
        if job is None or asked.query.get("subfolder") != "vidbuild" or asked.query.get("type") != "output":
            return Answer(404)
        data = await self.made(job.wants)
        return Answer(200, {"Content-Type": MEDIA[job.wants.form]}, _telling(data, json.dumps(job.body)))

    def _expire(self, asked: Asked) -> Answer:
        return Answer(404)


def _hides(job: Job) -> bool:
    return job.fate is not None and job.fate.what == "vanishes"


def _error(type: str, message: str, details: str = "") -> dict[str, Any]:
    return {"type": type, "message": message, "details": details, "extra_info": {}}


def _is_canonical(id: str) -> bool:
    try:
        return str(uuid.UUID(id)) == id
    except ValueError:
        return False


def _telling(data: bytes, graph: str) -> bytes:
    """Write a graph into a film, beside its boxes, or into a picture, as text."""
    if data[4:8] == b"ftyp":
        told = graph.encode()
        return data + struct.pack(">I4s", 8 + len(told), b"meta") + told
    text = b"tEXtprompt\0" + graph.encode("latin-1", "replace")
    chunk = struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text))
    return data[:-12] + chunk + data[-12:]
