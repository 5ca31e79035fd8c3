//! A relay that does as it is told: of one mail at a time, what it answers instead of yes.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What it does with the next mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Behaviour {
    /// Answers a command so.
    Answer(&'static str, &'static str),
    /// Hangs up in the middle of the message.
    DieInData,
}

/// A mail that it took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) data: String,
}

#[derive(Default)]
struct Told {
    next: VecDeque<Behaviour>,
    taken: Vec<Taken>,
    wants: Option<String>,
    early: bool,
}

#[derive(Clone)]
pub(crate) struct Double {
    pub(crate) port: u16,
    told: Arc<Mutex<Told>>,
}

impl Double {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let told: Arc<Mutex<Told>> = Arc::default();
        let double = Self { port, told };
        let serves = double.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let serves = serves.clone();
                tokio::spawn(async move { serves.serve(stream).await });
            }
        });
        double
    }

    pub(crate) fn next(&self, behaviour: Behaviour) {
        self.told.lock().unwrap().next.push_back(behaviour);
    }

    pub(crate) fn wants(&self, login: Option<(&str, &str)>) {
        let token = login.map(|(user, password)| STANDARD.encode(format!("\0{user}\0{password}")));
        self.told.lock().unwrap().wants = token;
    }

    pub(crate) fn offers_starttls_and_speaks_early(&self) {
        self.told.lock().unwrap().early = true;
    }

    pub(crate) fn taken(&self) -> Vec<Taken> {
        self.told.lock().unwrap().taken.clone()
    }

    fn takes(&self, word: &str) -> Option<&'static str> {
        let mut told = self.told.lock().unwrap();
        match told.next.front() {
            Some(Behaviour::Answer(to, answer)) if *to == word => {
                let answer = *answer;
                told.next.pop_front();
                Some(answer)
            }
            _ => None,
        }
    }

    async fn serve(&self, stream: TcpStream) -> Option<()> {
        let mut stream = BufReader::new(stream);
        say(&mut stream, "220 double").await?;
        let (mut from, mut to) = (String::new(), String::new());
        loop {
            let line = hear(&mut stream).await?;
            let word = line.split([' ', ':']).next().unwrap_or_default().to_uppercase();
            let answer = if word == "DATA" { None } else { self.takes(&word) };
            if let Some(answer) = answer {
                say(&mut stream, answer).await?;
                continue;
            }
            match word.as_str() {
                "EHLO" => {
                    let early = self.told.lock().unwrap().early;
                    let more = if early { "250-STARTTLS\r\n" } else { "" };
                    say(&mut stream, &format!("250-double\r\n{more}250 AUTH LOGIN PLAIN")).await?;
                }
                "STARTTLS" => say(&mut stream, "220 go\r\n250 too early").await?,
                "AUTH" => {
                    let wants = self.told.lock().unwrap().wants.clone();
                    let fits = wants.is_none_or(|wants| line.ends_with(&wants));
                    let answer = if fits { "235 yes" } else { "535 5.7.8 no" };
                    say(&mut stream, answer).await?;
                }
                "MAIL" => {
                    from = between(&line);
                    say(&mut stream, "250 ok").await?;
                }
                "RCPT" => {
                    to = between(&line);
                    say(&mut stream, "250 ok").await?;
                }
                "DATA" => {
                    say(&mut stream, "354 go on").await?;
                    let mut data = String::new();
                    loop {
                        let line = hear(&mut stream).await?;
                        if self.told.lock().unwrap().next.front() == Some(&Behaviour::DieInData) {
                            self.told.lock().unwrap().next.pop_front();
                            return None;
                        }
                        if line == "." {
                            break;
                        }
                        data.push_str(line.strip_prefix('.').unwrap_or(&line));
                        data.push_str("\r\n");
                    }
                    if let Some(answer) = self.takes("DATA") {
                        say(&mut stream, answer).await?;
                        continue;
                    }
                    let taken = Taken { from: from.clone(), to: to.clone(), data };
                    self.told.lock().unwrap().taken.push(taken);
                    say(&mut stream, "250 2.0.0 taken").await?;
                }
                "QUIT" => return say(&mut stream, "221 bye").await,
                _ => say(&mut stream, "250 ok").await?,
            }
        }
    }
}

fn between(line: &str) -> String {
    let (_, rest) = line.split_once('<').unwrap_or_default();
    rest.split_once('>').unwrap_or_default().0.to_owned()
}

async fn say(stream: &mut BufReader<TcpStream>, line: &str) -> Option<()> {
    stream.get_mut().write_all(format!("{line}\r\n").as_bytes()).await.ok()
}

async fn hear(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = String::new();
    match stream.read_line(&mut line).await {
        Ok(0) | Err(_) => None,
        Ok(_) => Some(line.trim_end_matches(['\r', '\n']).to_owned()),
    }
}
