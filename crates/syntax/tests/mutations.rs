//! Damaged Dockerfiles: the parser never panics, and every range it gives away can be trusted.

use proptest::prelude::*;
use wolfify_syntax::{
    Arguments, CommandForm, Dockerfile, Instruction, JsonString, SourceMap, TextRange, TextSize, Transfer, Word, parse,
};

const SEEDS: [&str; 6] = [
    "# syntax=docker/dockerfile:1\n# escape=\\\nARG V=18\nFROM --platform=linux/amd64 node:${V}-slim AS build\n\nRUN apt-get update \\\n    # comment\n && apt-get install -y curl \\\n\n && rm -rf /var/lib/apt/lists/*\nCOPY --from=build --chown=1:1 [\"a b\", \"/é\\u00e9\"]\n",
    "\u{feff}FROM a\r\nENV A=1 B=\"2 3\" \\\r\n  C='4'\r\nENV OLD style value\r\nLABEL x.y=\"z\" w=v\r\nCMD [\"a\", \"b\"]\r\n",
    "FROM a\nRUN <<-EOF 2<<\"X Y\"\n\techo a\n\tEOF\nbody\nX Y\nONBUILD COPY <<E /x\nhi\nE\nCOPY <<A <<B /d/\n1\nA\n2\nB\n",
    "# escape=`\nFROM mcr.microsoft.com/windows/nanoserver\nSHELL [\"powershell\", \"-Command\"]\nRUN dir `\n  c:\\\nWORKDIR C:\\a b\\\nCOPY a `\n  c:\\b\\\n",
    "ARG A\nARG B=\"x y\" C\nFROM \"img:1\"\nHEALTHCHECK --interval=5s \\\n  --retries=3 CMD curl -f http://localhost/ || exit 1\nEXPOSE 80/tcp 443\nVOLUME [\"/a\"]\nUSER app\nSTOPSIGNAL SIGTERM\nONBUILD RUN --mount=type=cache,target=/x echo\nMAINTAINER 张 <a@b>\nENTRYPOINT exec x",
    "FROM a\nRUN --mount=type=bind,source=a,target=b --network=none echo \"a\" \\\n'b' \\\n\nADD --checksum=x a\\\n b \\\n/c\n\\\nCMD\\\n x \\",
];

const PIECES: [&str; 34] = [
    "\\",
    "\n",
    "\r\n",
    " ",
    "\t",
    "#",
    "\"",
    "'",
    "`",
    "<<E",
    "<<-",
    "E\n",
    "$",
    "${",
    "}",
    "[",
    "]",
    ",",
    "=",
    "--",
    "é",
    "\u{a0}",
    "\u{2028}",
    "\u{feff}",
    "\\\n",
    "RUN ",
    "FROM a\n",
    "ONBUILD ",
    "ENV ",
    "COPY ",
    "\0",
    "\u{b}",
    "张",
    "# escape=`\n",
];

/// A place in a seed, as a share of its length, how much to cut out there, and what to put in.
type Mutation = (prop::sample::Index, usize, &'static str);

fn mutated() -> impl Strategy<Value = String> {
    let mutation = (any::<prop::sample::Index>(), 0..6_usize, prop::sample::select(PIECES.to_vec()));
    (prop::sample::select(SEEDS.to_vec()), prop::collection::vec(mutation, 0..8)).prop_map(
        |(seed, mutations): (&str, Vec<Mutation>)| {
            let mut chars: Vec<char> = seed.chars().collect();
            for (place, cut, piece) in mutations {
                let at = place.index(chars.len() + 1);
                let end = (at + cut).min(chars.len());
                chars.splice(at..end, piece.chars());
            }
            chars.into_iter().collect()
        },
    )
}

struct Check<'a> {
    text: &'a str,
    outer: TextRange,
}

impl Check<'_> {
    fn range(&self, range: TextRange) {
        assert!(usize::from(range.end()) <= self.text.len(), "{range:?} is out of bounds");
        assert!(self.text.is_char_boundary(range.start().into()), "{range:?} starts in a character");
        assert!(self.text.is_char_boundary(range.end().into()), "{range:?} ends in a character");
        assert!(self.outer.contains_range(range), "{range:?} leaves {:?}", self.outer);
    }

    fn ordered(&self, ranges: impl IntoIterator<Item = TextRange>) {
        let mut at = self.outer.start();
        for range in ranges {
            self.range(range);
            assert!(at <= range.start(), "{range:?} overlaps what ends at {at:?}");
            at = range.end();
        }
    }

    fn word(&self, word: &Word) {
        if word.contiguous {
            assert_eq!(self.text[word.range], word.text);
        } else {
            assert!(word.text.len() < usize::from(word.range.len()));
        }
        let (inner, range) = word.inner();
        assert!(word.range.contains_range(range));
        assert!(word.text.contains(inner));
    }

    fn words(&self, words: &[Word]) {
        self.ordered(words.iter().map(|word| word.range));
        words.iter().for_each(|word| self.word(word));
    }

    fn map(&self, map: &SourceMap, derived: &str) {
        let mut at = TextSize::from(0);
        for segment in map.segments() {
            assert!(at <= segment.derived);
            at = segment.derived + segment.len;
            let source = TextRange::at(segment.source, segment.len);
            self.range(source);
            assert_eq!(self.text[source], derived[TextRange::at(segment.derived, segment.len)]);
        }
        assert!(usize::from(at) <= derived.len());
    }

    fn strings(&self, strings: &[JsonString]) {
        self.ordered(strings.iter().map(|string| string.range));
        strings.iter().for_each(|string| self.map(&string.map, &string.value));
    }

    fn command(&self, instruction: &Instruction, form: &CommandForm) {
        match form {
            CommandForm::Shell { joined, range } => {
                self.range(*range);
                let text = &instruction.joined[*joined];
                assert_eq!(text, text.trim());
            }
            CommandForm::Exec { strings, range } => {
                self.range(*range);
                Check { text: self.text, outer: *range }.strings(strings);
            }
        }
    }

    fn instruction(&self, instruction: &Instruction) {
        self.range(instruction.range);
        let inner = Check { text: self.text, outer: instruction.range };
        inner.range(instruction.keyword_range);
        assert_eq!(instruction.keyword_range.start(), instruction.range.start());
        // The joined text keeps the blanks behind the instruction.
        self.map(&instruction.joined_map, &instruction.joined);
        assert!(instruction.start_line <= instruction.end_line);
        inner.ordered(instruction.flags.iter().map(|flag| flag.range));
        instruction.flags.iter().filter_map(|flag| flag.value.as_ref()).for_each(|value| inner.word(value));
        let bodies = instruction.heredocs.iter().flat_map(|heredoc| [heredoc.body, heredoc.terminator]);
        inner.ordered(bodies);
        inner.ordered(instruction.heredocs.iter().map(|heredoc| heredoc.opener));
        match &instruction.arguments {
            Arguments::From { image, name } => {
                inner.ordered(std::iter::once(image).chain(name).map(|word| word.range));
                std::iter::once(image).chain(name).for_each(|word| inner.word(word));
            }
            Arguments::Command(form) | Arguments::Healthcheck(Some(form)) => inner.command(instruction, form),
            Arguments::Healthcheck(None) => {}
            Arguments::Shell(strings) | Arguments::Json(strings) | Arguments::Transfer(Transfer::Json(strings)) => {
                inner.strings(strings);
            }
            Arguments::Transfer(Transfer::Plain(words)) | Arguments::Words(words) => inner.words(words),
            Arguments::Pairs(pairs) => {
                inner.ordered(pairs.iter().map(|pair| pair.range));
                for pair in pairs {
                    let within = Check { text: self.text, outer: pair.range };
                    within.ordered([&pair.key].into_iter().chain(&pair.value).map(|word| word.range));
                    [&pair.key].into_iter().chain(&pair.value).for_each(|word| within.word(word));
                }
            }
            Arguments::Onbuild(trigger) => inner.instruction(trigger),
        }
    }
}

fn check(text: &str) {
    let outer = TextRange::up_to(TextSize::of(text));
    let whole = Check { text, outer };
    let dockerfile = match parse(text) {
        Ok(dockerfile) => dockerfile,
        Err(error) => {
            whole.range(error.range);
            assert!(!error.message.is_empty() && !error.help.is_empty());
            return;
        }
    };
    whole.ordered(dockerfile.directives.iter().map(|directive| directive.range));
    whole.ordered(dockerfile.comments.iter().copied());
    whole.ordered(dockerfile.instructions.iter().map(|instruction| instruction.range));
    whole.ordered(dockerfile.instructions.iter().map(|instruction| dockerfile.instruction_lines(instruction)));
    for instruction in &dockerfile.instructions {
        whole.instruction(instruction);
        assert!(dockerfile.instruction_lines(instruction).contains_range(instruction.range));
    }
    check_stages(&dockerfile);
    assert_eq!(dockerfile.shells().len(), dockerfile.instructions.len());
}

fn check_stages(dockerfile: &Dockerfile) {
    let mut next = dockerfile.global_args().len();
    for stage in &dockerfile.stages {
        assert_eq!(stage.instructions.start, next);
        next = stage.instructions.end;
        for index in stage.instructions.clone() {
            assert_eq!(dockerfile.stage_of(index).map(|stage| stage.index), Some(stage.index));
        }
    }
    assert_eq!(next, dockerfile.instructions.len());
    let evaluation = dockerfile.evaluate();
    for (index, instruction) in dockerfile.instructions.iter().enumerate() {
        let _ = evaluation.scope(index).expand(&instruction.joined);
        let _ = evaluation.scope_after(index).get("A");
    }
}

#[test]
fn seeds_are_dockerfiles() {
    for seed in SEEDS {
        parse(seed).unwrap();
        check(seed);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_files_have_sound_ranges(text in mutated()) {
        check(&text);
    }

    #[test]
    fn any_text_has_sound_ranges(pieces in prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..40)) {
        check(&pieces.concat());
    }
}
