"""The OpenAI Agents SDK as an unchanged client: it speaks the Responses API."""

import asyncio

import openai
import pydantic
import pytest
from agents import (
    Agent,
    ModelSettings,
    OpenAIChatCompletionsModel,
    Runner,
    SQLiteSession,
    WebSearchTool,
    function_tool,
    set_default_openai_client,
)

from conftest import tokens

MODEL = "gpt-4.1-mini"


class Finding(pydantic.BaseModel):
    title: str
    severity: int


@pytest.fixture
def tools():
    """Two tools, and the list of what they were asked."""
    asked = []

    @function_tool
    def look_up(term: str) -> str:
        """Looks a term up in the glossary."""
        asked.append(("look_up", term))
        return f"{term}: a unit of credit"

    @function_tool
    def count_words(text: str, at_most: int) -> int:
        """Counts the words of a text."""
        asked.append(("count_words", text))
        return min(len(text.split()), at_most)

    return [look_up, count_words], asked


@pytest.fixture
def client(environment, grant):
    """The SDK's own default client, made anew from the environment."""
    environment(grant.key)
    set_default_openai_client(openai.AsyncOpenAI(), use_for_tracing=False)


def test_an_agent_with_tools_over_several_turns(client, grant, books, gateway, tools):
    functions, asked = tools
    agent = Agent(name="Librarian", instructions="Be brief.", model=MODEL, tools=functions)
    first = Runner.run_sync(agent, "Use look_up and count_words, then sum up.")
    assert sorted(name for name, _ in asked) == ["count_words", "look_up"]
    again = first.to_input_list() + [{"role": "user", "content": "Once more: look_up it."}]
    second = Runner.run_sync(agent, again)
    assert len(asked) == 3 and first.final_output and second.final_output
    calls = books(grant)
    used = [result.context_wrapper.usage for result in (first, second)]
    assert len(calls) == len(gateway.exchanges) == sum(usage.requests for usage in used) == 4
    assert gateway.statuses() == [200] * 4
    assert {call["endpoint"] for call in calls} == {"responses"}
    counted = sum(usage.input_tokens for usage in used), sum(usage.output_tokens for usage in used)
    assert counted == tokens(calls)


def test_a_session_of_a_model_that_reasons(client, grant, books, gateway, tools):
    """The earlier reasoning goes back as the SDK kept it."""
    functions, asked = tools
    agent = Agent(name="Librarian", model="gpt-5-mini", tools=functions)
    session = SQLiteSession("one")
    Runner.run_sync(agent, "Please look_up a lot.", session=session)
    assert Runner.run_sync(agent, "Now count_words of it.", session=session).final_output
    assert len(asked) == 2 and len(books(grant)) == 4
    assert "reasoning" in [item.get("type") for item in gateway.exchanges[-1].body["input"]]


def test_the_sdks_other_model_speaks_chat_completions(client, grant, books, tools):
    functions, asked = tools
    model = OpenAIChatCompletionsModel(MODEL, openai.AsyncOpenAI())
    result = Runner.run_sync(Agent(name="Clerk", model=model, tools=functions), "look_up it.")
    assert result.final_output and len(asked) == 1
    calls = books(grant)
    assert [call["endpoint"] for call in calls] == ["chat_completions"] * 2


def test_a_tool_that_the_provider_runs_is_refused_with_the_reason(client, grant, gateway):
    agent = Agent(name="Reader", model=MODEL, tools=[WebSearchTool()])
    with pytest.raises(openai.BadRequestError, match="which your own program runs"):
        Runner.run_sync(agent, "Search for it.")
    assert gateway.statuses() == [400] and grant.calls() == []


def test_a_handoff_and_an_answer_of_a_given_shape(client, grant, books):
    writer = Agent(name="Writer", instructions="Write it up.", model=MODEL, output_type=Finding)
    desk = Agent(name="Desk", instructions="Hand over.", model=MODEL, handoffs=[writer])
    result = Runner.run_sync(desk, "Please transfer_to_writer what you know of budgets.")
    assert result.last_agent.name == "Writer" and isinstance(result.final_output, Finding)
    assert len(books(grant)) == result.context_wrapper.usage.requests == 2


async def streamed(agent, text):
    result = Runner.run_streamed(agent, text)
    kinds = [event.type async for event in result.stream_events()]
    return result, kinds


def test_a_streamed_run(client, grant, books, tools):
    functions, asked = tools
    agent = Agent(name="Librarian", model=MODEL, tools=functions)
    result, kinds = asyncio.run(streamed(agent, "Please look_up a lot."))
    assert "raw_response_event" in kinds and result.final_output and len(asked) == 1
    calls = books(grant)
    usage = result.context_wrapper.usage
    assert [call["streamed"] for call in calls] == [True, True]
    assert (usage.input_tokens, usage.output_tokens) == tokens(calls)


def test_a_run_out_of_credit_ends_and_says_why(environment, demo, books, gateway, tools):
    """An agent that would never stop by itself: the credit stops it."""
    grant = demo.grant("0.008")
    environment(grant.key)
    set_default_openai_client(openai.AsyncOpenAI(), use_for_tracing=False)
    functions, asked = tools
    endless = Agent(
        name="Endless", model=MODEL, tools=functions, reset_tool_choice=False,
        tool_use_behavior="run_llm_again",
        model_settings=ModelSettings(tool_choice="required", max_tokens=400),
    )
    with pytest.raises(openai.RateLimitError) as ended:
        Runner.run_sync(endless, "Look things up until you are told to stop.", max_turns=1000)
    assert ended.value.type == "insufficient_quota"
    assert "You exceeded your current quota" in ended.value.message
    calls = books(grant)
    assert gateway.statuses() == [200] * len(calls) + [429], "asked once more, and never again"
    assert 2 < len(calls) and len(asked) >= len(calls)
