//! The functions that a request offers, and when the sandbox calls one.

use serde_json::Value;

use crate::fields::Fields;
use crate::refusal::Refusal;
use bursar_invention::Draw;
use bursar_invention::instance;

/// Functions of one request, the provider's own limit.
const TOOLS_MAX: usize = 128;

/// A function that the request offers.
#[derive(Clone, Debug)]
pub(crate) struct Tool {
    pub(crate) name: String,
    parameters: Value,
    /// The function as the request has it.
    whole: Value,
}

/// What the request says about calling functions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ToolChoice {
    /// Never.
    Never,
    /// Where the last message is the user's and names a function.
    Auto,
    /// One or more of them.
    Required,
    /// This one.
    Named(String),
}

/// A call that the answer makes.
#[derive(Clone, Debug)]
pub(crate) struct ToolCall {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) arguments: String,
}

/// Reads `tools`.
pub(crate) fn tools(fields: Fields<'_>) -> Result<Vec<Tool>, Refusal> {
    let Some(list) = fields.list("tools")? else {
        return Ok(Vec::new());
    };
    if list.is_empty() || list.len() > TOOLS_MAX {
        return Err(Refusal::invalid_value("tools", "it takes from 1 to 128 functions"));
    }
    list.iter().enumerate().map(|(index, value)| tool(index, value)).collect()
}

fn tool(index: usize, value: &Value) -> Result<Tool, Refusal> {
    let place = format!("tools[{index}]");
    let fields = Fields::within(value, &place)?;
    if fields.required_text("type")? != "function" {
        let instead = "the sandbox calls tools of type 'function' only";
        return Err(Refusal::unsupported_value(&fields.place("type"), instead));
    }
    let place = fields.place("function");
    let function = Fields::within(fields.required("function")?, &place)?;
    let name = function.required_text("name")?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if name.is_empty() || name.len() > 64 || !name.bytes().all(plain) {
        let why = "it takes 1 to 64 letters, digits, underscores and dashes";
        return Err(Refusal::invalid_value(&function.place("name"), why));
    }
    let parameters = match function.value("parameters") {
        Some(parameters @ Value::Object(_)) => parameters.clone(),
        Some(other) => {
            return Err(Refusal::wrong_type(&function.place("parameters"), "an object", other));
        }
        None => serde_json::json!({"type": "object", "properties": {}}),
    };
    Ok(Tool { name: name.to_owned(), parameters, whole: value.clone() })
}

/// Reads `tool_choice`.
pub(crate) fn tool_choice(fields: Fields<'_>, tools: &[Tool]) -> Result<ToolChoice, Refusal> {
    let choice = match fields.value("tool_choice") {
        None => return Ok(ToolChoice::Auto),
        Some(_) if tools.is_empty() => {
            let why = "it is only allowed where `tools` are given";
            return Err(Refusal::invalid_value("tool_choice", why));
        }
        Some(Value::String(word)) => match word.as_str() {
            "none" => ToolChoice::Never,
            "auto" => ToolChoice::Auto,
            "required" => ToolChoice::Required,
            _ => {
                let why = "it must be one of 'none', 'auto', 'required', or name a function";
                return Err(Refusal::invalid_value("tool_choice", why));
            }
        },
        Some(named) => ToolChoice::Named(named_function(named)?),
    };
    if let ToolChoice::Named(name) = &choice
        && !tools.iter().any(|tool| tool.name == *name)
    {
        let why = "`tools` has no function of that name";
        return Err(Refusal::invalid_value("tool_choice.function.name", why));
    }
    Ok(choice)
}

fn named_function(value: &Value) -> Result<String, Refusal> {
    let fields = Fields::within(value, "tool_choice")?;
    if fields.required_text("type")? != "function" {
        let instead = "the sandbox takes 'function' only";
        return Err(Refusal::unsupported_value("tool_choice.type", instead));
    }
    let function = Fields::within(fields.required("function")?, "tool_choice.function")?;
    Ok(function.required_text("name")?.to_owned())
}

/// The functions that an answer calls: none means that it answers in words.
///
/// `asked` is the text of the last message where that is the user's, else nothing.
pub(crate) fn called<'a>(
    tools: &'a [Tool],
    choice: &ToolChoice,
    parallel: bool,
    asked: &str,
    draw: &mut Draw,
) -> Vec<&'a Tool> {
    let mentioned = || tools.iter().filter(|tool| asked.contains(&tool.name));
    let mut called: Vec<&Tool> = match choice {
        ToolChoice::Never => Vec::new(),
        ToolChoice::Auto => mentioned().collect(),
        ToolChoice::Required => match mentioned().collect::<Vec<_>>() {
            mentioned if mentioned.is_empty() => vec![draw.pick(tools)],
            mentioned => mentioned,
        },
        ToolChoice::Named(name) => tools.iter().filter(|tool| tool.name == *name).collect(),
    };
    if !parallel {
        called.truncate(1);
    }
    called
}

/// Makes a call with arguments that the function's own schema allows.
pub(crate) fn call(tool: &Tool, draw: &mut Draw) -> Result<ToolCall, Refusal> {
    let arguments = instance::of(&tool.parameters, draw).map_err(|error| {
        let message = format!("Invalid schema for function '{}': {error}.", tool.name);
        Refusal::bad_request(message).code("invalid_function_parameters").param("tools")
    })?;
    let id = format!("call_{}", draw.text(24));
    Ok(ToolCall { id, name: tool.name.clone(), arguments: arguments.to_string() })
}

/// The functions as the JSON that their tokens are counted by.
pub(crate) fn as_json(tools: &[Tool]) -> Value {
    tools.iter().map(|tool| tool.whole.clone()).collect()
}
