//! A browser that keeps cookies and fills in forms, and runs no script.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use tower::ServiceExt;

/// What came back.
pub(crate) struct Shown {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) html: String,
}

impl Shown {
    /// Where it leads on to.
    pub(crate) fn location(&self) -> &str {
        let value = self.headers.get(header::LOCATION);
        value.unwrap_or_else(|| panic!("{} leads nowhere", self.status)).to_str().unwrap()
    }

    /// The page, which has to say this.
    #[track_caller]
    pub(crate) fn says(&self, text: &str) -> &Self {
        assert!(self.html.contains(text), "`{text}` is missing in\n{}", self.html);
        self
    }

    /// The page, which must not say this.
    #[track_caller]
    pub(crate) fn hides(&self, text: &str) -> &Self {
        assert!(!self.html.contains(text), "`{text}` is in\n{}", self.html);
        self
    }

    /// The answer, which has to have this status.
    #[track_caller]
    pub(crate) fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.html);
        self
    }

    /// The text between two others.
    #[track_caller]
    pub(crate) fn between(&self, before: &str, after: &str) -> String {
        let found = self.html.split_once(before).and_then(|(_, rest)| rest.split_once(after));
        found.unwrap_or_else(|| panic!("no `{before}` in\n{}", self.html)).0.to_owned()
    }
}

/// A browser.
#[derive(Clone)]
pub(crate) struct Browser {
    router: Router,
    pub(crate) cookies: BTreeMap<String, String>,
    /// The token of the form that was loaded last.
    pub(crate) token: String,
}

impl Browser {
    pub(crate) fn new(router: &Router) -> Self {
        Self { router: router.clone(), cookies: BTreeMap::new(), token: String::new() }
    }

    /// The same browser at another installation.
    pub(crate) fn at(&self, router: &Router) -> Self {
        Self { router: router.clone(), ..self.clone() }
    }

    /// Asks for a page.
    pub(crate) async fn get(&mut self, path: &str) -> Shown {
        let shown = self.send(Method::GET, path, &[], String::new()).await;
        let token = shown.html.split_once("name=\"csrf\" value=\"");
        if let Some((token, _)) = token.and_then(|(_, rest)| rest.split_once('"')) {
            token.clone_into(&mut self.token);
        }
        shown
    }

    /// Asks for a page that has to be there.
    pub(crate) async fn see(&mut self, path: &str) -> Shown {
        let shown = self.get(path).await;
        assert_eq!(shown.status, StatusCode::OK, "{path}: {}", shown.html);
        shown
    }

    /// Sends a form with the token of the page that was loaded last.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Shown {
        let token = self.token.clone();
        let fields = [fields, &[("csrf", token.as_str())]].concat();
        self.send(Method::POST, path, &[], encoded(&fields)).await
    }

    /// Sends a form, which has to lead on, and goes there.
    pub(crate) async fn step(&mut self, path: &str, fields: &[(&str, &str)]) -> Shown {
        let shown = self.post(path, fields).await;
        assert_eq!(shown.status, StatusCode::SEE_OTHER, "{path}: {}", shown.html);
        let location = shown.location().to_owned();
        self.see(&location).await
    }

    /// Sends anything, as a form unless a header says otherwise.
    pub(crate) async fn send(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Shown {
        let form = [("content-type", "application/x-www-form-urlencoded")];
        self.send_as(method, path, &[&form, headers].concat(), body).await
    }

    /// Sends anything, with these headers.
    pub(crate) async fn send_as(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Shown {
        let path = path.split('#').next().unwrap_or(path);
        let mut request =
            Request::builder().method(method).uri(path).header(header::HOST, "portal.test");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = request.header(header::COOKIE, cookies.join("; "));
        let request = request.body(Body::from(body)).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            assert!(cookie.contains("; HttpOnly; SameSite=Lax"), "{cookie}");
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let body = body.collect().await.unwrap().to_bytes();
        let html = String::from_utf8_lossy(&body).into_owned();
        Shown { status: parts.status, headers: parts.headers, html }
    }
}

/// Fields as a browser sends them.
pub(crate) fn encoded(fields: &[(&str, &str)]) -> String {
    let escape = |text: &str| -> String {
        text.bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                    char::from(byte).to_string()
                }
                _ => format!("%{byte:02X}"),
            })
            .collect()
    };
    let pairs = fields.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value)));
    pairs.collect::<Vec<String>>().join("&")
}
