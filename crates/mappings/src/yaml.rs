//! A YAML document as nodes with their places.

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span};

/// How deep a table may be nested; real ones need four levels.
const DEEPEST: usize = 16;

/// A place in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// Counted from 1.
    pub(crate) line: usize,
    /// In characters, counted from 1.
    pub(crate) column: usize,
}

impl From<Marker> for Place {
    fn from(marker: Marker) -> Self {
        Self { line: marker.line(), column: marker.col() + 1 }
    }
}

/// A node of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) value: Value,
}

/// What a node is. Scalars stay text: no name is a number here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Null,
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
}

/// What is wrong with a document, and where.
pub(crate) type Problem = (Place, String);

/// The first document of `text`; `None` when there is none.
pub(crate) fn parse(text: &str) -> Result<Option<Node>, Problem> {
    let mut reader = Reader { events: Parser::new_from_str(text), last: Place { line: 1, column: 1 } };
    loop {
        match reader.next()? {
            (Event::StreamStart | Event::DocumentStart(_) | Event::Nothing, _) => {}
            (Event::StreamEnd | Event::DocumentEnd, _) => return Ok(None),
            (event, span) => {
                let node = reader.node(event, span, 0)?;
                reader.end()?;
                return Ok(Some(node));
            }
        }
    }
}

struct Reader<'t> {
    events: Parser<'t, saphyr_parser::StrInput<'t>>,
    last: Place,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Result<(Event<'t>, Span), Problem> {
        let event = self.events.next().ok_or_else(|| (self.last, "unexpected end of the file".to_owned()))?;
        let (event, span) =
            event.map_err(|error: ScanError| (Place::from(*error.marker()), error.info().to_owned()))?;
        self.last = span.start.into();
        Ok((event, span))
    }

    /// Nothing but the end may follow the first document.
    fn end(&mut self) -> Result<(), Problem> {
        loop {
            match self.next()? {
                (Event::StreamEnd, _) => return Ok(()),
                (Event::DocumentEnd | Event::Nothing, _) => {}
                (_, span) => return Err((span.start.into(), "a second document in the file".to_owned())),
            }
        }
    }

    fn node(&mut self, event: Event<'t>, span: Span, depth: usize) -> Result<Node, Problem> {
        let place = Place::from(span.start);
        if depth > DEEPEST {
            return Err((place, "nested too deeply".to_owned()));
        }
        let value = match event {
            Event::Scalar(text, style, ..) => scalar(&text, style),
            Event::SequenceStart(..) => Value::List(self.list(depth)?),
            Event::MappingStart(..) => Value::Map(self.map(depth)?),
            Event::Alias(_) => return Err((place, "aliases (*name) are not supported".to_owned())),
            _ => return Err((place, "unexpected end of the file".to_owned())),
        };
        Ok(Node { place, value })
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Node>, Problem> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(items),
                (event, span) => items.push(self.node(event, span, depth + 1)?),
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Vec<(Node, Node)>, Problem> {
        let mut entries = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::MappingEnd {
                return Ok(entries);
            }
            let key = self.node(event, span, depth + 1)?;
            let (event, span) = self.next()?;
            let mut value = self.node(event, span, depth + 1)?;
            if value.value == Value::Null {
                // Nothing stands there to point at.
                value.place = key.place;
            }
            entries.push((key, value));
        }
    }
}

fn scalar(text: &str, style: ScalarStyle) -> Value {
    if style == ScalarStyle::Plain && matches!(text, "" | "~" | "null") {
        return Value::Null;
    }
    Value::Text(text.to_owned())
}
