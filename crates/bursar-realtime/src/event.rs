//! A client's event, read once: what it is, what it says, what it counts.

use bursar_meter::{BadRequest, BadRequestKind, ErrorBody};
use serde_json::{Map, Value, json};

use crate::fields::{EVENTS, Rule, bad, below, check, invalid, missing};
use crate::load::Load;

/// What the names of our own events begin with. A client that could take one could have the hold
/// of an answer released that is being made.
pub(crate) const OWN_EVENTS: &str = "bursar_";
/// Characters of the name that a client gives an event, the provider's own limit.
const EVENT_ID_CHARACTERS_MAX: usize = 512;

/// A client's event that is understood.
#[derive(Debug)]
pub(crate) struct ClientEvent {
    /// Its type.
    pub(crate) kind: &'static str,
    /// Its members.
    pub(crate) members: Map<String, Value>,
    /// What it is called by its client.
    pub(crate) event_id: Option<String>,
    /// What of it becomes input by its bytes.
    pub(crate) load: Load,
}

/// An event that is not forwarded, and what its client calls it.
#[derive(Debug)]
pub(crate) struct Wrong {
    pub(crate) event_id: Option<String>,
    pub(crate) why: BadRequest,
}

/// Reads a client's event.
pub(crate) fn read(text: &str) -> Result<ClientEvent, Wrong> {
    let malformed = |why: &str| Wrong {
        event_id: None,
        why: BadRequest {
            kind: BadRequestKind::Malformed,
            param: None,
            message: format!("the event {why}"),
        },
    };
    let value = serde_json::from_str(text).map_err(|_| malformed("is not valid JSON"))?;
    let Value::Object(mut members) = value else { return Err(malformed("is no object")) };
    let event_id = match members.remove("event_id") {
        None | Some(Value::Null) => None,
        Some(Value::String(id)) if is_fine(&id) => Some(id),
        Some(_) => {
            let why = format!(
                "must be a text of at most {EVENT_ID_CHARACTERS_MAX} characters that does not \
                 begin with `{OWN_EVENTS}`"
            );
            return Err(Wrong { event_id: None, why: invalid("event_id", &why) });
        }
    };
    let understood = understand(&mut members);
    match understood {
        Ok((kind, load)) => Ok(ClientEvent { kind, members, event_id, load }),
        Err(why) => Err(Wrong { event_id, why }),
    }
}

fn is_fine(id: &str) -> bool {
    id.chars().count() <= EVENT_ID_CHARACTERS_MAX && !id.starts_with(OWN_EVENTS)
}

fn understand(members: &mut Map<String, Value>) -> Result<(&'static str, Load), BadRequest> {
    let kind = match members.remove("type") {
        Some(Value::String(kind)) => kind,
        Some(_) => return Err(invalid("type", "must be a text")),
        None => return Err(missing("type")),
    };
    let event = EVENTS.iter().find(|(known, _)| *known == kind);
    let Some((kind, rule)) = event else {
        let kind: String = kind.chars().take(64).collect();
        let known: Vec<_> = EVENTS.iter().map(|(known, _)| format!("`{known}`")).collect();
        let message = format!(
            "`{kind}` is no event that this gateway forwards: what it costs is not known\n\
             hint: send one of {}",
            known.join(", ")
        );
        return Err(bad(BadRequestKind::UnknownField, "type", message));
    };
    match rule {
        Rule::Inside(list) => Ok((kind, check(members, list, "")?)),
        Rule::NotOffered(why) => {
            let message = format!("`{kind}` is not offered: {why}");
            Err(bad(BadRequestKind::NotOffered, "type", message))
        }
        Rule::Free | Rule::Read | Rule::Input => Ok((kind, Load::default())),
    }
}

impl ClientEvent {
    /// A member that has to be an object.
    pub(crate) fn object(&self, name: &str) -> Result<&Map<String, Value>, BadRequest> {
        match self.members.get(name) {
            Some(Value::Object(object)) => Ok(object),
            Some(_) => Err(invalid(name, "must be an object")),
            None => Err(missing(name)),
        }
    }

    /// A member that has to be a text.
    pub(crate) fn text(&self, name: &str) -> Result<&str, BadRequest> {
        match self.members.get(name) {
            Some(Value::String(text)) => Ok(text),
            Some(_) => Err(invalid(&below("", name), "must be a text")),
            None => Err(missing(name)),
        }
    }

    /// What is forwarded of it, under a name.
    pub(crate) fn written(self, event_id: Option<&str>) -> String {
        let mut members = self.members;
        members.insert("type".to_owned(), self.kind.into());
        if let Some(event_id) = event_id {
            members.insert("event_id".to_owned(), event_id.into());
        }
        Value::Object(members).to_string()
    }
}

/// An error as the provider tells it inside a session.
pub(crate) fn error_event(own: u64, error: &ErrorBody, about: Option<&str>) -> String {
    let event = json!({
        "type": "error",
        "event_id": format!("event_{OWN_EVENTS}{own}"),
        "error": {
            "type": error.kind,
            "code": error.code,
            "message": error.message,
            "param": error.param,
            "event_id": about,
        },
    });
    event.to_string()
}
