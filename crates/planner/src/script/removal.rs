//! Taking commands out of a script without changing when the others run.
//!
//! A removed command counts as one that succeeds. It leaves the text only where that changes nothing; everywhere else
//! `true` takes its place:
//!
//! - `x && c`, `c && x`, `c; x`: the operator goes with the command.
//! - `x || c` where `c` only waits, speaks or steers (`|| true`, `|| exit 1`): both go, `c` would never run. So does a loop
//!   that only tried `x` again.
//! - Any other `x || c`, `! c`, `if c; then`, a body that would be empty, `c &`: `true`.
//! - Under `set -e` the last command of an and-or list stays, as `true`: without it the one before it would become
//!   the last and could end the script where it did not before.
//! - The last command of a script decides its status: `x; c` becomes `x; true`, unless `x` is a command that we wrote.

use std::collections::{BTreeMap, HashSet};

use text_size::{TextRange, TextSize};
use wolfify_edit::Edit;
use wolfify_syntax::shell::{
    AndOr, AndOrOperator, Command, Compound, CompoundKind, List, ListItem, ListRole, NestedKind, Pipeline, Redirect,
    Separator, ShellScript, SimpleCommand,
};

use super::layout::Layout;
use super::moot::Moot;

/// The edits that take a set of commands out of one script.
#[derive(Debug, Default)]
pub(crate) struct Removals {
    /// Nothing is left of the script; there are no edits then, what holds it has to go.
    pub(crate) all: bool,
    /// Edits by command id. Commands that leave together carry the same edit.
    pub(crate) edits: BTreeMap<usize, Vec<Edit>>,
}

/// What the rest of the planner decided about the commands of a script.
pub(crate) struct Fates<'a> {
    /// Commands to take out, by id.
    pub(crate) removed: &'a HashSet<usize>,
    /// Commands whose failure is ours to show: rewritten installs.
    pub(crate) rewritten: &'a HashSet<usize>,
    /// Whether a comment speaks of nothing but the command below it, so that it may go with it.
    pub(crate) comment_goes: &'a dyn Fn(&str) -> bool,
    /// The shell is started with `-e`.
    pub(crate) errexit: bool,
}

/// Plans the removal of `fates.removed` from `script`.
pub(crate) fn remove(layout: &Layout<'_>, script: &ShellScript, fates: &Fates<'_>) -> Removals {
    let Ok(list) = &script.list else { return Removals::default() };
    if fates.removed.is_empty() {
        return Removals::default();
    }
    if list.items.iter().all(|item| pipelines(&item.and_or).all(|pipeline| comes_to_nothing(pipeline, fates))) {
        return Removals { all: true, edits: BTreeMap::new() };
    }
    let errexit = fates.errexit || sets_errexit(list);
    let mut remover = Remover { layout, fates, errexit, bodies_go: true, met_body: false, out: Removals::default() };
    if remover.list(list, Place::Script) == Rest::Nothing {
        return Removals { all: true, edits: BTreeMap::new() };
    }
    if !remover.met_body {
        return remover.out;
    }
    // The body of a here-document stands elsewhere. It goes when all goes; otherwise it stays, and with it what reads it.
    let mut remover = Remover { layout, fates, errexit, bodies_go: false, met_body: false, out: Removals::default() };
    remover.list(list, Place::Script);
    remover.out
}

/// Whether a pipeline goes, or only says that all went well or how to go on: `true` in `apt-get clean; true`, `set -ex`.
fn comes_to_nothing(pipeline: &Pipeline, fates: &Fates<'_>) -> bool {
    let [Command::Simple(command)] = &pipeline.commands[..] else { return false };
    let words: Vec<&str> = command.words.iter().map(|word| word.text.as_str()).collect();
    let succeeds = matches!(words[..], ["true" | ":"] | ["exit", "0"] | ["set", ..])
        && command.assignments.is_empty()
        && command.redirects.is_empty();
    pipeline.bang.is_none() && (succeeds || fates.removed.contains(&command.id))
}

/// Whether the script, or a shell option on its first line, makes a failing command end it.
fn sets_errexit(list: &List) -> bool {
    list.items.iter().any(|item| {
        pipelines(&item.and_or).any(|pipeline| {
            pipeline.commands.iter().any(|command| match command {
                Command::Simple(simple) => is_set_e(simple),
                Command::Compound(compound) => compound.lists.iter().any(|(_, list)| sets_errexit(list)),
            })
        })
    })
}

/// `set -e` in any spelling.
pub(crate) fn is_set_e(command: &SimpleCommand) -> bool {
    let mut words = command.words.iter().map(|word| word.text.as_str());
    words.next() == Some("set")
        && words
            .any(|word| word == "errexit" || (word.starts_with('-') && !word.starts_with("--") && word.contains('e')))
}

fn pipelines(and_or: &AndOr) -> impl Iterator<Item = &Pipeline> {
    std::iter::once(&and_or.first).chain(and_or.rest.iter().map(|(_, _, pipeline)| pipeline))
}

/// Whether anything is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rest {
    Something,
    Nothing,
}

/// Where a list stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The script itself: its last status is the instruction's.
    Script,
    /// `{ }` or `( )`: goes when it is empty.
    Group,
    /// A condition: its last status decides.
    Condition,
    /// A body that must not be empty.
    Body,
    /// The body of a function, with its braces.
    Function,
}

/// A part of an and-or list that stays or goes as one.
struct Link<'p> {
    /// What joins it to the one before.
    operator: Option<(AndOrOperator, TextRange)>,
    pipelines: Vec<&'p Pipeline>,
    range: TextRange,
    rest: Rest,
}

impl Link<'_> {
    fn is_after_or(&self) -> bool {
        matches!(self.operator, Some((AndOrOperator::Or, _)))
    }

    fn ids(&self) -> Vec<usize> {
        self.pipelines.iter().flat_map(|pipeline| pipeline_ids(pipeline)).collect()
    }
}

struct Remover<'a> {
    layout: &'a Layout<'a>,
    fates: &'a Fates<'a>,
    errexit: bool,
    /// Bodies of here-documents leave with the command that reads them.
    bodies_go: bool,
    /// A command with such a body was met.
    met_body: bool,
    out: Removals,
}

impl Remover<'_> {
    fn list(&mut self, list: &List, place: Place) -> Rest {
        let rests: Vec<Rest> = list.items.iter().map(|item| self.item(item)).collect();
        let last_kept = rests.iter().rposition(|rest| *rest == Rest::Something);
        let Some(last_kept) = last_kept else {
            return self.empty_list(list, place);
        };
        let first_kept = rests.iter().position(|rest| *rest == Rest::Something).unwrap_or(last_kept);
        let last = list.items.len() - 1;
        let last_as_true = last > last_kept && self.status_matters(place, &list.items[last_kept]);
        let tail = &list.items[last_kept + 1..];
        if place == Place::Script && !last_as_true && !tail.is_empty() {
            let parts: Vec<TextRange> = tail.iter().map(|item| item.and_or.span.range).collect();
            let tail_ids: Vec<usize> = tail.iter().flat_map(|item| ids(&item.and_or)).collect();
            if self.end_below(list.items[last_kept].and_or.span.range.end(), &parts, &tail_ids) {
                self.drop_until(list, &rests, first_kept, last_kept);
                return Rest::Something;
            }
        }
        // A comment that stays needs something to stand at.
        let comments_stay = tail.windows(2).any(|pair| {
            let gap = TextRange::new(pair[0].and_or.span.range.end(), pair[1].and_or.span.range.start());
            self.has_comment(gap) && !self.comments_go(gap)
        });
        for (index, item) in list.items.iter().enumerate() {
            if rests[index] == Rest::Something {
                continue;
            }
            if index == last && last_as_true {
                self.put_true(&item.and_or);
            } else if index < first_kept {
                self.drop_before(item, &list.items[index + 1]);
            } else {
                // What goes behind the last command that stays takes the separator along: `a; b` becomes `a`.
                let closes =
                    index == last_kept + 1 && !last_as_true && !comments_stay && list.items[last].separator.is_none();
                let next = list.items.get(index + 1).map(|next| (next, rests[index + 1] == Rest::Something));
                self.drop_after(&list.items[index - 1], item, next, closes);
            }
        }
        Rest::Something
    }

    /// Drops what goes before the last item that stays.
    fn drop_until(&mut self, list: &List, rests: &[Rest], first_kept: usize, last_kept: usize) {
        for index in (0..last_kept).filter(|index| rests[*index] == Rest::Nothing) {
            let next = &list.items[index + 1];
            if index < first_kept {
                self.drop_before(&list.items[index], next);
            } else {
                let kept = rests[index + 1] == Rest::Something;
                self.drop_after(&list.items[index - 1], &list.items[index], Some((next, kept)), false);
            }
        }
    }

    /// Where `parts` are the end of the script and comments among them stay: the script ends at `from`, and the comments
    /// become lines below it. Returns whether that is so.
    fn end_below(&mut self, from: TextSize, parts: &[TextRange], ids: &[usize]) -> bool {
        let Some(end) = parts.last().map(|part| part.end()) else { return false };
        let starts = std::iter::once(from).chain(parts.iter().map(|part| part.end()));
        let gaps: Vec<TextRange> =
            starts.zip(parts).map(|(start, part)| TextRange::new(start, part.start().max(start))).collect();
        let stays = |gap: &TextRange| self.has_comment(*gap) && !self.comments_go(*gap);
        if self.layout.heredoc || !self.layout.ends_line(end) || !gaps.iter().any(stays) {
            return false;
        }
        let mut edits = Vec::new();
        let mut at = from;
        for comment in self.layout.comments_in(TextRange::new(from, end)) {
            edits.push(Edit::delete(TextRange::new(at, self.layout.end_of_line_above(comment.start()).max(at))));
            at = comment.end();
        }
        edits.push(Edit::delete(TextRange::new(at, end)));
        self.edits(ids, edits);
        true
    }

    /// Every item of a list goes.
    fn empty_list(&mut self, list: &List, place: Place) -> Rest {
        let (Some(first), Some(last)) = (list.items.first(), list.items.last()) else { return Rest::Something };
        if matches!(place, Place::Script | Place::Group) {
            return Rest::Nothing;
        }
        let range = first.and_or.span.range.cover(last.and_or.span.range);
        let ids: Vec<usize> = list.items.iter().flat_map(|item| ids(&item.and_or)).collect();
        let text = if place == Place::Function { "{ true; }" } else { "true" };
        self.edit(&ids, Edit::replace(range, text));
        Rest::Something
    }

    /// Whether the status of the last item, which goes, has to be kept up by `true`.
    fn status_matters(&self, place: Place, kept: &ListItem) -> bool {
        match place {
            Place::Condition => true,
            Place::Script | Place::Group | Place::Body | Place::Function => {
                !self.errexit && !last_command(&kept.and_or).is_some_and(|id| self.fates.rewritten.contains(&id))
            }
        }
    }

    fn item(&mut self, item: &ListItem) -> Rest {
        let background = matches!(item.separator, Some((Separator::Ampersand, _)));
        let rest = self.and_or(&item.and_or, item);
        if rest == Rest::Nothing && background {
            self.put_true(&item.and_or);
            return Rest::Something;
        }
        rest
    }

    fn and_or(&mut self, and_or: &AndOr, item: &ListItem) -> Rest {
        let mut links = self.links(and_or);
        // All of them would succeed, whatever stands between them.
        if links.iter().all(|link| link.rest == Rest::Nothing) {
            return Rest::Nothing;
        }
        self.keep_as_true(&mut links, item);
        let first_kept = links.iter().position(|link| link.rest == Rest::Something).unwrap_or(0);
        let last_kept = links.iter().rposition(|link| link.rest == Rest::Something).unwrap_or(0);
        let tail = &links[last_kept + 1..];
        let parts: Vec<TextRange> = tail.iter().map(|link| link.range).collect();
        let tail_ids: Vec<usize> = tail.iter().flat_map(Link::ids).collect();
        let tail_is_done = self.end_below(links[last_kept].range.end(), &parts, &tail_ids);
        let mut done = 0;
        for (index, link) in links.iter().enumerate() {
            if link.rest == Rest::Something || index < done || (tail_is_done && index > last_kept) {
                continue;
            }
            if let Some((edit, next)) = self.whole_lines(&links, index).filter(|_| index > first_kept) {
                links[index..next].iter().for_each(|gone| self.edit(&gone.ids(), edit.clone()));
                done = next;
                continue;
            }
            let next = links.get(index + 1);
            let edits = match (next, next.and_then(|next| next.operator)) {
                (Some(next), Some((_, operator))) if index < first_kept => {
                    self.gap_to(link.range, operator, next.range.start())
                }
                (Some(next), Some((_, operator))) if next.rest == Rest::Something && self.stays_on_line(next, link) => {
                    self.gap_to(link.range, operator, next.range.start())
                }
                _ => {
                    let before = links[index.max(1) - 1].range.end();
                    self.gap_after(before, link.range, link.range, next.map(|next| (next.range.start(), false)))
                }
            };
            self.edits(&link.ids(), edits);
        }
        Rest::Something
    }

    /// The pipelines of a chain. A pipeline that never runs, because those before it succeed, is one with them.
    fn links<'p>(&mut self, and_or: &'p AndOr) -> Vec<Link<'p>> {
        let rest = and_or.rest.iter().map(|(operator, span, pipeline)| (Some((*operator, span.range)), pipeline));
        let mut links: Vec<Link<'p>> = Vec::with_capacity(and_or.rest.len() + 1);
        for (operator, pipeline) in std::iter::once((None, &and_or.first)).chain(rest) {
            let rest = self.pipeline(pipeline);
            let or = matches!(operator, Some((AndOrOperator::Or, _)));
            let succeeds = links.iter().all(|link| link.rest == Rest::Nothing);
            let moot = Moot { removed: self.fates.removed };
            match links.last_mut().filter(|_| or && succeeds && moot.is_idle(pipeline)) {
                Some(last) => {
                    last.range = last.range.cover(pipeline.span.range);
                    last.pipelines.push(pipeline);
                }
                None => links.push(Link { operator, pipelines: vec![pipeline], range: pipeline.span.range, rest }),
            }
        }
        links
    }

    /// Where the links from `first` on that go fill whole lines, and what follows begins a line: the lines go, and those
    /// above and below stay as they are. Answers the link that follows.
    fn whole_lines(&self, links: &[Link<'_>], first: usize) -> Option<(Edit, usize)> {
        let next = first + links[first..].iter().position(|link| link.rest == Rest::Something)?;
        let same = links[first..=next].iter().all(|link| link.is_after_or() == links[first].is_after_or());
        let begins = |at: TextSize| self.layout.slice(TextRange::new(self.layout.line_start(at), at)).trim().is_empty();
        let operator = |link: &Link<'_>| link.operator.map(|(_, range)| range.start()).filter(|at| begins(*at));
        // `&&` stands before the commands of its lines, or ends the lines above them.
        let leading = operator(&links[first]).zip(operator(&links[next]));
        let (from, to) = leading.unwrap_or((links[first].range.start(), links[next].range.start()));
        let before = TextRange::new(links[first.checked_sub(1)?].range.end(), from);
        let lines = TextRange::new(self.layout.line_start(from), self.layout.line_start(to));
        let plain = same && begins(from) && begins(to) && lines.start() < lines.end();
        let above = self.has_comment(before);
        // Comments above a leading operator are no part of the lines; without any the words alone can go.
        let fits = if leading.is_some() { above && !self.comments_go(before) } else { !above };
        (plain && fits && !self.has_comment(TextRange::new(from, to))).then(|| (Edit::delete(lines), next))
    }

    /// Turns the removals of a chain that would change its flow into `true`.
    fn keep_as_true(&mut self, links: &mut [Link<'_>], item: &ListItem) {
        let mut nothing_before = true;
        for index in 0..links.len() {
            if links[index].rest == Rest::Something {
                nothing_before = false;
                continue;
            }
            let after_or = links[index].is_after_or();
            let before_or = links.get(index + 1).is_some_and(Link::is_after_or);
            let last = index + 1 == links.len();
            let unsafe_tail = last && !nothing_before && self.errexit && item.separator.is_some() && !self.ours(links);
            if after_or || (nothing_before && before_or) || unsafe_tail {
                self.put_true_for(&links[index].ids(), links[index].range);
                links[index].rest = Rest::Something;
                nothing_before = false;
            }
        }
    }

    /// Whether the last kept pipeline of a chain ends in a command that we wrote.
    fn ours(&self, links: &[Link<'_>]) -> bool {
        let kept = links.iter().rev().find(|link| link.rest == Rest::Something);
        let last = kept.and_then(|link| link.pipelines.last()).and_then(|pipeline| last_of_pipeline(pipeline));
        last.is_some_and(|id| self.fates.rewritten.contains(&id))
    }

    fn pipeline(&mut self, pipeline: &Pipeline) -> Rest {
        let rests: Vec<Rest> = pipeline.commands.iter().map(|command| self.command(command)).collect();
        let all = rests.iter().all(|rest| *rest == Rest::Nothing);
        if all && pipeline.bang.is_none() {
            return Rest::Nothing;
        }
        for (command, rest) in pipeline.commands.iter().zip(&rests) {
            if *rest == Rest::Nothing {
                self.put_true_for(&command_ids(command), command_range(command));
            }
        }
        Rest::Something
    }

    fn command(&mut self, command: &Command) -> Rest {
        match command {
            Command::Simple(simple) => self.simple(simple),
            Command::Compound(compound) => self.compound(compound),
        }
    }

    fn simple(&mut self, simple: &SimpleCommand) -> Rest {
        let mut nested_rest = Rest::Something;
        for nested in &simple.nested {
            let Ok(list) = &nested.script.list else { continue };
            let place = if matches!(nested.kind, NestedKind::Operand(_) | NestedKind::Heredoc) {
                Place::Script
            } else {
                Place::Body
            };
            let rest = self.list(list, place);
            if rest == Rest::Nothing {
                nested_rest = Rest::Nothing;
            }
        }
        // A shell that is left without a script goes like the script.
        if nested_rest == Rest::Nothing && simple.redirects.iter().all(|redirect| self.is_harmless(redirect)) {
            return Rest::Nothing;
        }
        if !self.fates.removed.contains(&simple.id) {
            return Rest::Something;
        }
        if simple.redirects.iter().all(|redirect| self.is_harmless(redirect)) {
            return Rest::Nothing;
        }
        // A redirection that makes a file stays, with `true` before it. `true` does not mind words behind it.
        if let Some(first) = simple.words.first() {
            let start = first.span.range.start();
            let redirects = simple.redirects.iter().map(|redirect| redirect.span.range.start());
            let stop = redirects.filter(|redirect| *redirect > start).min();
            let ends = simple.words.iter().map(|word| word.span.range.end());
            let end = ends.filter(|end| stop.is_none_or(|stop| *end <= stop)).max();
            self.put_true_for(&[simple.id], TextRange::new(start, end.unwrap_or(first.span.range.end())));
        }
        Rest::Something
    }

    fn compound(&mut self, compound: &Compound) -> Rest {
        if (Moot { removed: self.fates.removed }).is_moot(compound) {
            return Rest::Nothing;
        }
        let group = matches!(compound.kind, CompoundKind::Brace | CompoundKind::Subshell);
        if group && compound.lists.len() == 1 && compound.redirects.iter().all(|redirect| self.is_harmless(redirect)) {
            return self.list(&compound.lists[0].1, Place::Group);
        }
        for (role, list) in &compound.lists {
            let place = match role {
                ListRole::Condition => Place::Condition,
                ListRole::FunctionBody => Place::Function,
                _ => Place::Body,
            };
            self.list(list, place);
        }
        Rest::Something
    }

    /// A list item goes and everything before it has gone too.
    fn drop_before(&mut self, item: &ListItem, next: &ListItem) {
        let Some((_, separator)) = item.separator else { return };
        let own = item.and_or.span.range;
        let edits = self.gap_to(own, separator.range, next.and_or.span.range.start());
        self.edits(&ids(&item.and_or), edits);
    }

    /// A list item goes and something before it stays.
    fn drop_after(&mut self, previous: &ListItem, item: &ListItem, next: Option<(&ListItem, bool)>, closes: bool) {
        let own = item.and_or.span.range;
        let newline = |item: &ListItem| matches!(item.separator, Some((Separator::Newline, _)));
        // The line ending stays when the line goes on with what stands before.
        let own_end = match item.separator {
            Some((_, span)) if !newline(item) || newline(previous) => span.range.end(),
            _ => own.end(),
        };
        let from = match previous.separator {
            Some((Separator::Semicolon | Separator::Newline, _)) if closes => previous.and_or.span.range.end(),
            Some((_, span)) => span.range.end(),
            None => previous.and_or.span.range.end(),
        };
        let removed = TextRange::new(own.start(), own_end.max(own.end()));
        let next = next.map(|(next, kept)| (next.and_or.span.range.start(), kept));
        let edits = self.gap_after(from, removed, own, next);
        self.edits(&ids(&item.and_or), edits);
    }

    /// Whether a removed link leaves better with the operator behind it: the next one follows on the same line, and the
    /// operators are the same.
    fn stays_on_line(&self, next: &Link<'_>, own: &Link<'_>) -> bool {
        let between = TextRange::new(own.range.end(), next.range.start());
        next.is_after_or() == own.is_after_or() && !self.layout.slice(between).contains('\n')
    }

    /// Deletes `own` and `operator` up to `next`, but not the comments between that speak of what follows.
    fn gap_to(&self, own: TextRange, operator: TextRange, next: TextSize) -> Vec<Edit> {
        let text = &self.layout.text[usize::from(next)..];
        // At the start of an instruction Docker would take this for a flag, or for the exec form.
        if text.starts_with("--") || text.strip_prefix('[').is_some_and(|rest| rest.trim_start().starts_with('"')) {
            return vec![Edit::replace(own, "true")];
        }
        let gap = TextRange::new(operator.end(), next);
        let range = if self.has_comment(gap) {
            TextRange::new(own.start(), self.comment_after(operator, next))
        } else {
            TextRange::new(own.start(), next)
        };
        vec![Edit::delete(range)]
    }

    /// Where the text that stays goes on behind an operator. In a here-document the empty lines behind a command go with
    /// it.
    fn comment_after(&self, operator: TextRange, next: TextSize) -> TextSize {
        let gap = self.layout.slice(TextRange::new(operator.end(), next));
        let first = gap.len() - gap.trim_start().len();
        let newline = self.layout.slice(operator).ends_with('\n') && !self.comment_above(operator.start());
        if self.layout.heredoc && newline && gap[first..].starts_with('#') {
            return operator.end() + super::layout::size(first);
        }
        self.layout.skip_blanks(operator.end())
    }

    /// Whether the line above the one at `at` is a comment: what stands below the next one must not come to it.
    fn comment_above(&self, at: TextSize) -> bool {
        let before = &self.layout.text[..usize::from(self.layout.line_start(at))];
        let line = before.trim_end_matches(['\r', '\n']).rsplit('\n').next();
        line.is_some_and(|line| line.trim_start().starts_with('#'))
    }

    /// Deletes from `from` (the end of what stays) to the end of `removed`, which is `own` and its separator; comments in
    /// between go only if they may.
    fn gap_after(
        &self,
        from: TextSize,
        removed: TextRange,
        own: TextRange,
        next: Option<(TextSize, bool)>,
    ) -> Vec<Edit> {
        if self.layout.ends_in_blank(from) {
            return vec![Edit::replace(own, "true")];
        }
        let gap = TextRange::new(from, removed.start());
        let keep_comments = self.has_comment(gap) && !self.comments_go(gap);
        if !keep_comments {
            return vec![Edit::delete(TextRange::new(from, removed.end()))];
        }
        let Some((next, next_stays)) = next else {
            // A list in a `case` arm or a body ends here, but the script goes on.
            let script_ends = self.layout.ends_line(removed.end());
            return if script_ends { self.keep_comments_below(gap, removed) } else { vec![Edit::replace(own, "true")] };
        };
        let separated = removed.end() > own.end();
        if separated && next_stays && !self.has_comment(TextRange::new(removed.end(), next)) {
            return vec![Edit::delete(TextRange::new(own.start(), next))];
        }
        vec![Edit::replace(own, "true")]
    }

    /// The script ends here: operator and continuation go, the comments stay as lines below it.
    fn keep_comments_below(&self, gap: TextRange, own: TextRange) -> Vec<Edit> {
        let text = self.layout.slice(gap);
        let first_line = text.find('\n').map_or(text.len(), |at| at - usize::from(text[..at].ends_with('\r')));
        let last_comment = self.layout.comments_in(gap).last().map_or(gap.end(), |comment| comment.end());
        vec![
            Edit::delete(TextRange::at(gap.start(), super::layout::size(first_line))),
            Edit::delete(TextRange::new(last_comment, own.end())),
        ]
    }

    fn has_comment(&self, range: TextRange) -> bool {
        !self.layout.comments_in(range).is_empty() || (self.layout.heredoc && self.layout.slice(range).contains('#'))
    }

    fn comments_go(&self, range: TextRange) -> bool {
        if self.layout.heredoc {
            let text = self.layout.slice(range);
            let (first, lines) = text.split_once('\n').unwrap_or((text, ""));
            let goes = |line: &str| line.is_empty() || (line.starts_with('#') && (self.fates.comment_goes)(line));
            return !first.contains('#') && lines.lines().map(str::trim).all(goes);
        }
        let comments = self.layout.comments_in(range);
        comments.iter().all(|comment| (self.fates.comment_goes)(self.layout.slice(*comment)))
    }

    /// A redirection that leaves nothing behind.
    fn is_harmless(&mut self, redirect: &Redirect) -> bool {
        let target = redirect.target.as_ref().map_or("", |target| target.text.as_str());
        if redirect.heredoc.is_some() {
            self.met_body = true;
            return self.bodies_go;
        }
        target == "/dev/null"
            || crate::rules::system_setup::is_locale_list(target)
            || crate::managers::paths::managed_path(&crate::managers::Text::from_static(target)).is_some()
            || (redirect.operator.ends_with('&') && target.chars().all(|c| c.is_ascii_digit() || c == '-'))
            || matches!(redirect.operator.as_str(), "<" | "<<<")
    }

    fn put_true(&mut self, and_or: &AndOr) {
        self.put_true_for(&ids(and_or), and_or.span.range);
    }

    fn put_true_for(&mut self, ids: &[usize], range: TextRange) {
        self.edit(ids, Edit::replace(range, "true"));
    }

    fn edit(&mut self, ids: &[usize], edit: Edit) {
        self.edits(ids, vec![edit]);
    }

    fn edits(&mut self, ids: &[usize], edits: impl Into<Vec<Edit>>) {
        let edits = edits.into();
        for id in ids {
            self.out.edits.insert(*id, edits.clone());
        }
    }
}

fn ids(and_or: &AndOr) -> Vec<usize> {
    pipelines(and_or).flat_map(pipeline_ids).collect()
}

fn pipeline_ids(pipeline: &Pipeline) -> Vec<usize> {
    pipeline.commands.iter().flat_map(command_ids).collect()
}

fn command_ids(command: &Command) -> Vec<usize> {
    match command {
        Command::Simple(simple) => {
            let nested = simple.nested.iter().filter_map(|nested| nested.script.list.as_ref().ok());
            std::iter::once(simple.id).chain(nested.flat_map(list_ids)).collect()
        }
        Command::Compound(compound) => compound.lists.iter().flat_map(|(_, list)| list_ids(list)).collect(),
    }
}

fn list_ids(list: &List) -> Vec<usize> {
    list.items.iter().flat_map(|item| ids(&item.and_or)).collect()
}

fn command_range(command: &Command) -> TextRange {
    match command {
        Command::Simple(simple) => simple.span.range,
        Command::Compound(compound) => compound.span.range,
    }
}

fn last_command(and_or: &AndOr) -> Option<usize> {
    last_of_pipeline(and_or.rest.last().map_or(&and_or.first, |(_, _, pipeline)| pipeline))
}

fn last_of_pipeline(pipeline: &Pipeline) -> Option<usize> {
    match pipeline.commands.last()? {
        Command::Simple(simple) => Some(simple.id),
        Command::Compound(_) => None,
    }
}
