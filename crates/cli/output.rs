//! Standard output or a file for the result, standard error for talk.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::path::Path;

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};

use crate::args::{Color, TalkArgs};
use crate::failure;

/// Where the result goes. Bytes are passed on as they are, escape sequences of the user's own files included.
pub(crate) struct Output {
    writer: BufWriter<Box<dyn Write>>,
    /// Colours for the result.
    pub(crate) palette: Palette,
    /// Somebody reads it as it comes.
    pub(crate) is_terminal: bool,
    closed: bool,
}

impl Output {
    /// A file, or standard output.
    pub(crate) fn new(file: Option<&Path>, color: Color) -> anyhow::Result<Self> {
        let is_terminal = file.is_none() && io::stdout().is_terminal();
        let (writer, palette): (Box<dyn Write>, _) = match file {
            Some(path) => {
                let file = File::create(path).map_err(|error| failure::cannot_write(path, &error))?;
                (Box::new(file), Palette::new(color == Color::Always))
            }
            None => {
                let stdout = io::stdout();
                let palette = Palette::new(colored(AutoStream::choice(&stdout), color));
                (Box::new(stdout), palette)
            }
        };
        Ok(Self { writer: BufWriter::with_capacity(64 << 10, writer), palette, is_terminal, closed: false })
    }

    /// Whether the reader has gone away. Nothing more will reach it, and that is not an error.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed
    }

    fn unless_closed<T>(&mut self, result: io::Result<T>, instead: T) -> io::Result<T> {
        match result {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(instead)
            }
            other => other,
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.closed {
            return Ok(bytes.len());
        }
        let result = self.writer.write(bytes);
        self.unless_closed(result, bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.closed {
            return Ok(());
        }
        let result = self.writer.flush();
        self.unless_closed(result, ())
    }
}

fn colored(detected: ColorChoice, color: Color) -> bool {
    match color {
        Color::Auto => detected != ColorChoice::Never,
        Color::Always => true,
        Color::Never => false,
    }
}

/// What goes to people on standard error.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Talk {
    /// Errors only.
    pub(crate) quiet: bool,
    /// Everything.
    pub(crate) verbose: bool,
    palette: Palette,
}

impl Talk {
    pub(crate) fn new(args: &TalkArgs) -> Self {
        let color = colored(AutoStream::choice(&io::stderr()), args.color);
        Self { quiet: args.quiet, verbose: args.verbose, palette: Palette::new(color) }
    }

    /// One line that is always said.
    pub(crate) fn error(&self, place: &str, message: &str) {
        let Palette { bold, error, .. } = self.palette;
        self.line(&format!("{bold}{}:{bold:#} {error}{}{error:#}", printable(place), printable(message)));
    }

    /// An error that brings its own place.
    pub(crate) fn failure(&self, error: &anyhow::Error) {
        self.line(&printable(&format!("{error:#}")));
    }

    /// One line, unless `--quiet`.
    pub(crate) fn say(&self, message: &str) {
        if !self.quiet {
            self.line(message);
        }
    }

    /// Colours for standard error.
    pub(crate) fn palette(&self) -> Palette {
        self.palette
    }

    fn line(&self, line: &str) {
        // Nowhere to complain when stderr is gone.
        let _ = writeln!(io::stderr(), "{line}");
    }
}

/// Styles that print nothing when there is no colour.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Palette {
    pub(crate) bold: Style,
    pub(crate) error: Style,
    pub(crate) warning: Style,
    pub(crate) note: Style,
    pub(crate) added: Style,
    pub(crate) removed: Style,
}

impl Palette {
    fn new(color: bool) -> Self {
        if !color {
            return Self::default();
        }
        Self {
            bold: Style::new().bold(),
            error: AnsiColor::Red.on_default().bold(),
            warning: AnsiColor::Yellow.on_default().bold(),
            note: AnsiColor::Cyan.on_default(),
            added: AnsiColor::Green.on_default(),
            removed: AnsiColor::Red.on_default(),
        }
    }
}

/// The text with control characters made visible, so that a file's words cannot drive the terminal or add lines.
pub(crate) fn printable(text: &str) -> String {
    printable_but(text, &[])
}

/// The same with some control characters left as they are.
pub(crate) fn printable_but(text: &str, kept: &[char]) -> String {
    let shown = |c: char| !is_unseen(c) || kept.contains(&c);
    text.chars().map(|character| if shown(character) { character } else { '\u{fffd}' }).collect()
}

/// What a terminal or browser obeys and does not show: control characters, ends of lines and paragraphs, and the marks
/// that turn the direction of text around.
fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}')
}

/// A path relative to where we are if it lies below, with `/` between parts.
pub(crate) fn relative(path: &Path) -> Vec<u8> {
    let here = if path.is_absolute() { std::env::current_dir().ok() } else { None };
    let below = here.and_then(|here| path.strip_prefix(here).ok().map(Path::to_owned));
    let name = below.as_deref().unwrap_or(path).as_os_str().as_encoded_bytes();
    if cfg!(windows) {
        name.iter().map(|&byte| if byte == b'\\' { b'/' } else { byte }).collect()
    } else {
        name.to_vec()
    }
}
