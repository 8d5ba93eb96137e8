//! Date strings of date(1) and touch(1).

use super::findings::{Effect, Findings};
use super::invocation::{Invocation, Occurrence};
use super::word::DYNAMIC;

/// How BusyBox reads a date string.
#[derive(Debug, PartialEq, Eq)]
enum DateText {
    /// As GNU does.
    Known,
    /// A day without a time: date(1) means midnight, touch(1) the present time of day.
    DayOnly,
    /// A day and hours and minutes: touch(1) keeps the seconds.
    NoSeconds,
    /// Not at all.
    Unknown,
}

fn classify(text: &str) -> DateText {
    if text.contains(DYNAMIC) {
        return DateText::Known;
    }
    if let Some(seconds) = text.strip_prefix('@') {
        let whole = !seconds.is_empty() && seconds.trim_start_matches('-').chars().all(|c| c.is_ascii_digit());
        return if whole { DateText::Known } else { DateText::Unknown };
    }
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect();
    match shape.as_str() {
        "9999-99-99 99:99:99" | "99:99" | "99:99:99" => DateText::Known,
        "9999-99-99 99:99" => DateText::NoSeconds,
        "9999-99-99" => DateText::DayOnly,
        _ => DateText::Unknown,
    }
}

/// `date -d`, `--date`.
pub(crate) fn date_option(option: &Occurrence) -> Option<Effect> {
    if !matches!(option.spec_name(), "-d" | "--date") {
        return None;
    }
    let value = option.value_text();
    (classify(value) == DateText::Unknown)
        .then(|| Effect::Missing(format!("BusyBox date cannot read the date \"{value}\"")))
}

/// `touch -d`, `--date`.
pub(crate) fn touch_option(option: &Occurrence) -> Option<Effect> {
    if !matches!(option.spec_name(), "-d" | "--date") {
        return None;
    }
    let value = option.value_text();
    match classify(value) {
        DateText::Known => None,
        DateText::DayOnly => Some(Effect::Value(format!("{value} 00:00:00"))),
        DateText::NoSeconds => Some(Effect::Value(format!("{value}:00"))),
        DateText::Unknown => Some(Effect::Missing(format!("BusyBox touch cannot read the date \"{value}\""))),
    }
}

/// `+FORMAT`: BusyBox takes strftime(3)'s letters only and prints the others as they stand.
pub(crate) fn date_whole(invocation: &Invocation<'_>, findings: &mut Findings<'_>) {
    let Some(format) = invocation.operand_texts().find(|text| text.starts_with('+')) else { return };
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        let directive = rest[at + 1..].trim_start_matches(|c: char| c.is_ascii_digit() || "-_0^#".contains(c));
        let Some(letter) = directive.chars().next() else { return };
        if matches!(letter, 'N' | ':' | 'q') {
            findings.need(format!("BusyBox date has no %{letter} and prints something else"), true);
            return;
        }
        rest = &directive[letter.len_utf8()..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_forms_are_known() {
        assert_eq!(classify("@1000"), DateText::Known);
        assert_eq!(classify("2020-01-02 03:04:05"), DateText::Known);
        assert_eq!(classify("2020-01-02"), DateText::DayOnly);
        assert_eq!(classify("2020-01-02 03:04"), DateText::NoSeconds);
        for unknown in ["1 day ago", "tomorrow", "2020-01-02T03:04:05Z", "20200102", "@1.5"] {
            assert_eq!(classify(unknown), DateText::Unknown, "{unknown}");
        }
    }
}
