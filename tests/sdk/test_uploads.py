"""Uploads in parts with the official SDK: its own helper, by hand, and nobody else's."""

import hashlib

import httpx2
import openai
import pytest

from test_batches import MODEL, begin, ended, lines

PART_BYTES = 300


def create(client, size):
    return client.uploads.create(
        filename="lines.jsonl", purpose="batch", bytes=size, mime_type="application/jsonl"
    )


@pytest.mark.parametrize("md5", [False, True])
def test_a_file_in_parts_becomes_a_batch(client, md5, tmp_path):
    content = lines(4)
    path = tmp_path / "lines.jsonl"
    path.write_bytes(content)
    more = {"md5": hashlib.md5(content).hexdigest()} if md5 else {}
    upload = client.uploads.upload_file_chunked(
        file=path, mime_type="application/jsonl", purpose="batch", part_size=PART_BYTES, **more
    )
    assert (upload.object, upload.status, upload.bytes) == ("upload", "completed", len(content))
    assert upload.file.filename == "lines.jsonl"
    assert client.files.retrieve(upload.file.id) == upload.file
    assert client.files.content(upload.file.id).read() == content
    batch = ended(client, begin(client, upload.file))
    assert batch.status == "completed" and batch.request_counts.completed == 4


def test_by_hand_and_in_another_order(client):
    content = lines(2)
    first, second = content[:PART_BYTES], content[PART_BYTES:]
    upload = create(client, len(content))
    assert upload.status == "pending" and 3_500 < upload.expires_at - upload.created_at <= 3_600
    parts = [client.uploads.parts.create(upload.id, data=data) for data in (second, first)]
    assert {part.upload_id for part in parts} == {upload.id}
    assert parts[0].object == "upload.part"
    done = client.uploads.complete(upload.id, part_ids=[part.id for part in reversed(parts)])
    assert client.files.content(done.file.id).read() == content
    again = client.uploads.complete(upload.id, part_ids=[part.id for part in parts])
    assert again == done, "asked again, it tells what came of it"


def test_an_upload_is_cancelled(client):
    upload = create(client, 3)
    part = client.uploads.parts.create(upload.id, data=b"abc")
    assert client.uploads.cancel(upload.id).status == "cancelled"
    for ask in (
        lambda: client.uploads.parts.create(upload.id, data=b"abc"),
        lambda: client.uploads.complete(upload.id, part_ids=[part.id]),
    ):
        with pytest.raises(openai.BadRequestError, match="was cancelled. Begin another"):
            ask()


def test_nobody_else_adds_to_it(gateway, client, client_for):
    other = client_for(gateway["slow"])
    upload = create(client, 3)
    part = client.uploads.parts.create(upload.id, data=b"abc")
    for ask in (
        lambda: other.uploads.parts.create(upload.id, data=b"def"),
        lambda: other.uploads.complete(upload.id, part_ids=[part.id]),
        lambda: other.uploads.cancel(upload.id),
    ):
        with pytest.raises(openai.NotFoundError):
            ask()
    client.uploads.cancel(upload.id)


@pytest.mark.parametrize(
    ("members", "param"),
    [
        ({"purpose": "assistants"}, "purpose"),
        ({"bytes": 0}, "bytes"),
        ({"bytes": 2**33}, "bytes"),
        ({"filename": ""}, "filename"),
        ({"mime_type": ""}, "mime_type"),
        ({"expires_after": {"anchor": "created_at", "seconds": 3_600}}, "body"),
    ],
)
def test_uploads_that_are_refused(client, counting, members, param):
    usual = {"filename": "a", "purpose": "batch", "bytes": 3, "mime_type": "application/jsonl"}
    with pytest.raises(openai.BadRequestError) as refused:
        client.uploads.create(**{**usual, **members})
    assert refused.value.param == param and counting.requests == 1


@pytest.mark.parametrize(
    ("path", "instead"),
    [
        ("images/variations", "/v1/images/edits"),
        ("vector_stores", "/v1/embeddings"),
        ("vector_stores/vs_1/search", "/v1/embeddings"),
        ("fine_tuning/jobs", "officers"),
        ("assistants", "/v1/responses"),
        ("threads/thread_1/runs", "/v1/responses"),
        ("evals", "/v1/batches"),
        ("containers", "function"),
        ("videos", "/v1/models"),
        ("skills", "function"),
        ("organization/projects", "portal"),
        ("organization/usage/vector_stores", "usage/completions"),
    ],
)
def test_what_is_not_offered_says_why_and_what_instead(client, counting, path, instead):
    with pytest.raises(openai.NotFoundError) as refused:
        client.post(f"/{path}", cast_to=httpx2.Response, body={"model": MODEL})
    assert refused.value.code == "not_offered" and instead in refused.value.message
    assert counting.requests == 1
