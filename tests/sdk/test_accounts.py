"""What a grant used and cost, as the official SDK asks the provider for it."""

import time
from decimal import Decimal

import httpx2
import openai
import pytest

QUESTION = [{"role": "user", "content": "Name three ways in which a budget can fail."}]


@pytest.fixture
def admin(gateway):
    """The SDK's administration with a plain key, strict about every field."""
    client = openai.OpenAI(
        base_url=gateway["openai_base_url"],
        api_key=gateway["api_key"],
        admin_api_key=gateway["api_key"],
        _strict_response_validation=True,
    )
    return client.admin.organization.usage


def results(page):
    return [result for bucket in page.data for result in bucket.results]


def spent(admin, start):
    return sum(result.num_model_requests for result in results(admin.completions(start_time=start)))


def test_usage_and_costs(gateway, client, admin):
    start = int(time.time()) - 3600
    before = spent(admin, start)
    client.chat.completions.create(model="gpt-4o-mini", messages=QUESTION, max_completion_tokens=9)
    assert spent(admin, start) == before + 1
    by_model = admin.completions(
        start_time=start, bucket_width="1h", group_by=["model", "api_key_id"], models=["gpt-4o-mini"]
    )
    assert {result.model for result in results(by_model)} == {"gpt-4o-mini"}
    assert all(result.api_key_id for result in results(by_model))
    minutes = admin.completions(start_time=start, bucket_width="1m", limit=1440)
    assert sum(result.num_model_requests for result in results(minutes)) == before + 1
    costs = results(admin.costs(start_time=start, group_by=["line_item"]))
    assert "gpt-4o-mini" in {cost.line_item for cost in costs}
    assert all(cost.amount.currency == "usd" for cost in costs)
    for kind in ["embeddings", "moderations", "images", "audio_speeches", "audio_transcriptions"]:
        assert getattr(admin, kind)(start_time=start).object == "page"


def test_credit(gateway):
    root = gateway["openai_base_url"].removesuffix("/v1")
    headers = {"authorization": f"Bearer {gateway['api_key']}"}
    for path in ["/dashboard/billing/credit_grants", "/v1/dashboard/billing/credit_grants"]:
        credit = httpx2.get(root + path, headers=headers).json(parse_float=Decimal)
        total = Decimal(credit["total_used"]) + Decimal(credit["total_available"])
        assert total == Decimal(credit["total_granted"])
        assert credit["grants"]["data"][0]["object"] == "credit_grant"


def test_a_mistake_is_named(admin):
    with pytest.raises(openai.BadRequestError) as refused:
        admin.completions(start_time=0, limit=32)
    assert (refused.value.param, refused.value.code) == ("limit", "invalid_value")
