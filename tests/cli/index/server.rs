//! A repository on this machine: an HTTP server that can also be slow, cut an answer short, or redirect.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What the server answers.
#[derive(Clone)]
pub(crate) enum Answer {
    /// Status 200 and this body.
    Body(Vec<u8>),
    /// The body, whose announced length is larger by one.
    Cut(Vec<u8>),
    /// An announced length, and nothing more.
    Length(u64),
    /// Line after line, without announced length, until the client has had enough.
    Endless,
    /// The body, one byte in 50 ms.
    Slow(Vec<u8>),
    /// Nothing at all for 30 s.
    Silent,
    /// Only this status.
    Status(u16),
    /// Status 302 to an address.
    Redirect(String),
}

/// A running server; it ends with the tests.
pub(crate) struct Server {
    /// The address without a slash at the end.
    pub(crate) url: String,
    /// The first line of every request so far.
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// A server that gives the same answer to everything.
    pub(crate) fn new(answer: Answer) -> Self {
        Self::with(move |_| answer.clone())
    }

    /// A server that answers by path.
    pub(crate) fn with(answer: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&requests);
        let answer = Arc::new(answer);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                thread::spawn(move || {
                    let line = request_line(&stream);
                    let path = line.split(' ').nth(1).unwrap_or("/").to_owned();
                    log.lock().unwrap().push(line);
                    // The client may go away at any time.
                    let _ = answer(&path).send(stream);
                });
            }
        });
        Self { url, requests }
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// The first line of a request, whose head is read to its end.
fn request_line(stream: &TcpStream) -> String {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    lines.for_each(drop);
    first
}

impl Answer {
    fn send(self, mut stream: TcpStream) -> std::io::Result<()> {
        let head = |length: u64| format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
        match self {
            Self::Body(body) => {
                stream.write_all(head(body.len() as u64).as_bytes())?;
                stream.write_all(&body)
            }
            Self::Cut(body) => {
                stream.write_all(head(body.len() as u64 + 1).as_bytes())?;
                stream.write_all(&body)
            }
            Self::Length(length) => stream.write_all(head(length).as_bytes()),
            Self::Endless => {
                stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")?;
                let lines = vec![b'\n'; 1 << 20];
                loop {
                    stream.write_all(&lines)?;
                }
            }
            Self::Slow(body) => {
                stream.write_all(head(body.len() as u64).as_bytes())?;
                body.iter().try_for_each(|byte| {
                    thread::sleep(Duration::from_millis(50));
                    stream.write_all(&[*byte])
                })
            }
            Self::Silent => {
                thread::sleep(Duration::from_secs(30));
                Ok(())
            }
            Self::Status(status) => {
                write!(stream, "HTTP/1.1 {status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            }
            Self::Redirect(to) => {
                write!(stream, "HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            }
        }
    }
}
