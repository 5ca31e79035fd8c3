//! Just enough HTML reading for our own pages, which are well formed: maud writes every quote.

/// An element with its attributes and all the text inside it.
#[derive(Clone, Debug)]
pub(crate) struct Element {
    pub(crate) tag: String,
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) text: String,
}

impl Element {
    /// An attribute's value.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

const VOID: [&str; 6] = ["br", "hr", "img", "input", "link", "meta"];

/// The elements in the order of their opening tags. Panics where a tag is not closed.
pub(crate) fn elements(html: &str) -> Vec<Element> {
    let mut found: Vec<Element> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut rest = html;
    while let Some((text, after)) = rest.split_once('<') {
        for index in &open {
            found[*index].text.push_str(text);
        }
        let (tag, after) = after.split_once('>').expect("a tag ends");
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            let index = open.pop().expect("an open element");
            assert_eq!(found[index].tag, name, "elements nest");
        } else if !tag.starts_with('!') {
            let element = parse(tag);
            if !VOID.contains(&element.tag.as_str()) {
                open.push(found.len());
            }
            found.push(element);
        }
    }
    assert!(open.is_empty(), "every element is closed");
    found
}

/// All the text of a document.
pub(crate) fn text_of(html: &str) -> String {
    elements(html).into_iter().find(|element| element.tag == "html").expect("a document").text
}

fn parse(tag: &str) -> Element {
    let (name, mut rest) = tag.split_once(' ').unwrap_or((tag, ""));
    let mut attributes = Vec::new();
    while !rest.trim().is_empty() {
        rest = rest.trim_start();
        let end = rest.find(['=', ' ']).unwrap_or(rest.len());
        let key = rest[..end].to_owned();
        let value;
        (value, rest) = match rest[end..].strip_prefix("=\"") {
            Some(quoted) => quoted.split_once('"').expect("a quoted value"),
            None => ("", &rest[end..]),
        };
        attributes.push((key, value.to_owned()));
    }
    Element { tag: name.to_owned(), attributes, text: String::new() }
}
