"""LangChain's agent, which is a LangGraph, as an unchanged client: it speaks chat completions."""

import openai
import pydantic
import pytest
from langchain.agents import create_agent
from langchain.agents.middleware import wrap_model_call
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from langgraph.checkpoint.memory import InMemorySaver

from conftest import tokens

MODEL = "gpt-4.1-mini"


class Finding(pydantic.BaseModel):
    title: str
    severity: int


@pytest.fixture
def tools():
    """Two tools, and the list of what they were asked."""
    asked = []

    @tool
    def look_up(term: str) -> str:
        """Looks a term up in the glossary."""
        asked.append(term)
        return f"{term}: a unit of credit"

    @tool
    def count_words(text: str) -> int:
        """Counts the words of a text."""
        asked.append(text)
        return len(text.split())

    return [look_up, count_words], asked


def ask(agent, text):
    told = {"configurable": {"thread_id": "one"}}
    return agent.invoke({"messages": [{"role": "user", "content": text}]}, told)["messages"]


def reported(messages):
    usages = [message.usage_metadata for message in messages if message.type == "ai"]
    return sum(u["input_tokens"] for u in usages), sum(u["output_tokens"] for u in usages)


def test_an_agent_with_tools_over_several_turns(environment, grant, books, gateway, tools):
    environment(grant.key)
    functions, asked = tools
    agent = create_agent(ChatOpenAI(model=MODEL), functions, checkpointer=InMemorySaver())
    ask(agent, "Use look_up and count_words, then sum up.")
    messages = ask(agent, "Once more: look_up it.")
    assert len(asked) == 3 and messages[-1].content
    calls = books(grant)
    assert gateway.statuses() == [200] * 4 and len(calls) == 4
    assert {call["endpoint"] for call in calls} == {"chat_completions"}
    assert reported(messages) == tokens(calls)


def test_responses_of_a_model_that_reasons(environment, grant, books, gateway, tools):
    """Its sealed reasoning goes back with the tool's result."""
    environment(grant.key)
    functions, asked = tools
    model = ChatOpenAI(model="gpt-5-mini", use_responses_api=True, output_version="responses/v1")
    messages = ask(create_agent(model, functions), "Please look_up a lot.")
    assert len(asked) == 1 and messages[-1].text
    calls = books(grant)
    assert {call["endpoint"] for call in calls} == {"responses"}
    assert "reasoning" in [item.get("type") for item in gateway.exchanges[1].body["input"]]
    assert reported(messages) == tokens(calls)


def test_embeddings_and_an_answer_of_a_given_shape(environment, grant, books):
    environment(grant.key)
    # Else it fetches a table of tokens to count them by.
    embedder = OpenAIEmbeddings(model="text-embedding-3-small", check_embedding_ctx_length=False)
    assert [len(one) for one in embedder.embed_documents(["some", "words"])] == [1536, 1536]
    shaped = ChatOpenAI(model=MODEL).with_structured_output(Finding)
    assert isinstance(shaped.invoke("What did you find?"), Finding)
    assert len(books(grant)) == 2


def test_a_streamed_run(environment, grant, books, tools):
    environment(grant.key)
    functions, asked = tools
    agent = create_agent(ChatOpenAI(model=MODEL, stream_usage=True), functions)
    question = {"messages": [{"role": "user", "content": "Please look_up a lot."}]}
    pieces = [piece for piece, _ in agent.stream(question, stream_mode="messages")]
    assert len(asked) == 1 and 4 < len(pieces)
    calls = books(grant)
    assert [call["streamed"] for call in calls] == [True, True]
    used = [piece.usage_metadata for piece in pieces if getattr(piece, "usage_metadata", None)]
    counted = sum(u["input_tokens"] for u in used), sum(u["output_tokens"] for u in used)
    assert counted == tokens(calls)


def test_a_run_out_of_credit_ends_and_says_why(environment, demo, books, gateway, tools):
    """An agent that would never stop by itself: the credit stops it."""
    grant = demo.grant("0.008")
    environment(grant.key)
    functions, asked = tools

    @wrap_model_call
    def always_a_tool(request, handler):
        return handler(request.override(tool_choice="required"))

    model = ChatOpenAI(model=MODEL, max_completion_tokens=400)
    endless = create_agent(model, functions, middleware=[always_a_tool])
    question = {"messages": [{"role": "user", "content": "Look things up until you must stop."}]}
    with pytest.raises(openai.RateLimitError) as ended:
        endless.invoke(question, {"recursion_limit": 10_000})
    assert ended.value.type == "insufficient_quota"
    assert "You exceeded your current quota" in str(ended.value)
    calls = books(grant)
    assert gateway.statuses() == [200] * len(calls) + [429], "asked once more, and never again"
    assert 2 < len(calls) == len(asked)
