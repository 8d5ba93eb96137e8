//! `lookup`: what one package, command or image is on Wolfi, and how that is known.

use std::io::{self, Write};

use serde::Serialize;
use wolfify_mappings::{
    CommandMapping, Confidence, Distro, ImageMapping, ImageTarget, Lookup, Mappings, NameKind, PackageMapping,
    Provenance, Tier, WolfiStatus,
};

use crate::args::{Color, DistroName, IndexFormat, LookupArgs, LookupKind};
use crate::commands::ExitStatus;
use crate::config::Settings;
use crate::engine;
use crate::output::Output;

/// Prints the answer; ends with 1 when nobody knows the name.
pub(crate) fn run(args: &LookupArgs, color: Color) -> anyhow::Result<ExitStatus> {
    let mappings = engine::mappings(&args.tables, &Settings::default())?;
    let mut out = Output::new(None, color)?;
    let name = match args.kind {
        // A path says no more than its last part.
        LookupKind::Command => args.name.rsplit('/').next().unwrap_or_default(),
        LookupKind::Package | LookupKind::Image => &args.name,
    };
    let asked = Asked { mappings: &mappings, name };
    let (kind, name_kind, answers) = match args.kind {
        LookupKind::Package => ("package", NameKind::Package, asked.package(args.from)),
        LookupKind::Command => ("command", NameKind::Command, asked.command()),
        LookupKind::Image => ("image", NameKind::Image, asked.image()),
    };
    let known = !answers.is_empty();
    let nearest = if known { Vec::new() } else { mappings.nearest(name_kind, &args.name) };
    let report = Report { version: 1, kind, name: &args.name, answers, nearest };
    match args.format {
        IndexFormat::Json => {
            serde_json::to_writer_pretty(&mut out, &report)?;
            writeln!(out)?;
        }
        IndexFormat::Text => report.print(&mut out)?,
    }
    out.flush()?;
    Ok(if known { ExitStatus::Success } else { ExitStatus::Found })
}

/// All that is known about a name.
#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    kind: &'static str,
    name: &'a str,
    answers: Vec<Answer>,
    /// Names like it, when there is no answer.
    nearest: Vec<String>,
}

/// What a name is where it comes from.
#[derive(Serialize)]
struct Answer {
    /// The distribution of a package; `command`, `image` or `wolfi`.
    from: &'static str,
    outcome: Outcome,
    /// Why a package is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    candidates: Vec<Candidate>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Outcome {
    Mapped,
    SameName,
    Ambiguous,
    Dropped,
    Absent,
}

/// One thing that a name can be.
#[derive(Default, Serialize)]
struct Candidate {
    packages: Vec<Package>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<Image>,
    /// Where a command is without any package.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    found: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
}

#[derive(Serialize)]
struct Image {
    paid: Option<String>,
    free: Option<String>,
}

#[derive(Serialize)]
struct Package {
    name: String,
    /// How sure it is that it can be installed; `null` when the name is not in the list.
    status: Option<&'static str>,
    provided_by: Vec<String>,
}

struct Asked<'a> {
    mappings: &'a Mappings,
    name: &'a str,
}

impl Asked<'_> {
    fn package(&self, from: Option<DistroName>) -> Vec<Answer> {
        let all = [DistroName::Alpine, DistroName::Debian, DistroName::Fedora];
        let distros = from.map_or(all.to_vec(), |distro| vec![distro]);
        let named = distros.into_iter().map(DistroName::named);
        let of_distro = |(what, distro)| self.answer(what, self.mappings.package(distro, self.name), Self::of_package);
        let mut answers: Vec<Answer> = named.filter_map(of_distro).collect();
        for answer in &mut answers {
            let same = |candidate: &Candidate| candidate.packages.iter().map(|package| &package.name).eq([self.name]);
            if answer.outcome == Outcome::Mapped && answer.candidates.iter().all(same) {
                answer.outcome = Outcome::SameName;
            }
        }
        if from.is_none() && self.mappings.wolfi_package(self.name).is_some() {
            let candidate = Candidate { packages: self.packages(&[self.name.to_owned()]), ..Candidate::default() };
            answers.push(Answer {
                from: "wolfi",
                outcome: Outcome::SameName,
                reason: None,
                candidates: vec![candidate],
            });
        }
        answers
    }

    fn command(&self) -> Vec<Answer> {
        self.answer("command", self.mappings.command(self.name), Self::of_command).into_iter().collect()
    }

    fn image(&self) -> Vec<Answer> {
        let name = self.name.split_once('@').map_or(self.name, |(name, _)| name);
        // A colon before a slash belongs to a registry's port.
        let split = name.rsplit_once(':').filter(|(_, tag)| !tag.contains('/'));
        let (name, tag) = split.map_or((name, None), |(name, tag)| (name, Some(tag)));
        if name.starts_with("cgr.dev/") {
            let (from, outcome) = ("image", Outcome::SameName);
            return vec![Answer { from, outcome, reason: None, candidates: Vec::new() }];
        }
        self.answer("image", self.mappings.image(name, tag), Self::of_image).into_iter().collect()
    }

    fn answer<T>(
        &self,
        from: &'static str,
        lookup: Lookup<T>,
        candidate: impl Fn(&Self, T) -> Candidate,
    ) -> Option<Answer> {
        let (outcome, reason, candidates) = match lookup {
            Lookup::Mapped(mapping) => (Outcome::Mapped, None, vec![candidate(self, mapping)]),
            Lookup::Ambiguous(all) => {
                (Outcome::Ambiguous, None, all.into_iter().map(|mapping| candidate(self, mapping)).collect())
            }
            Lookup::Dropped { reason, provenance } => {
                (Outcome::Dropped, Some(reason), vec![known_from(Candidate::default(), None, provenance)])
            }
            Lookup::Absent { advice, provenance } => {
                (Outcome::Absent, None, vec![known_from(Candidate::default(), Some(advice), provenance)])
            }
            Lookup::Unknown => return None,
        };
        Some(Answer { from, outcome, reason, candidates })
    }

    fn of_package(&self, mapping: PackageMapping) -> Candidate {
        let candidate = Candidate { packages: self.packages(&mapping.packages), ..Candidate::default() };
        known_from(candidate, mapping.note, mapping.provenance)
    }

    fn of_command(&self, mapping: CommandMapping) -> Candidate {
        let places = [
            (mapping.busybox, "an applet of BusyBox"),
            (mapping.in_wolfi_base, "in wolfi-base"),
            (mapping.in_dev_images, "in every -dev image"),
        ];
        let found = places.into_iter().filter(|(holds, _)| *holds).map(|(_, place)| place).collect();
        let candidate = Candidate { packages: self.packages(&mapping.packages), found, ..Candidate::default() };
        known_from(candidate, None, mapping.provenance)
    }

    fn of_image(&self, mapping: ImageMapping) -> Candidate {
        let reference = |target: ImageTarget| match target.tag {
            Some(tag) => format!("{}:{tag}", target.image),
            None => target.image,
        };
        let image =
            Image { paid: mapping.target(Tier::Paid).map(reference), free: mapping.target(Tier::Free).map(reference) };
        let candidate =
            Candidate { packages: self.packages(&mapping.packages), image: Some(image), ..Candidate::default() };
        known_from(candidate, mapping.note, mapping.provenance)
    }

    fn packages(&self, names: &[String]) -> Vec<Package> {
        let package = |name: &String| {
            let known = self.mappings.wolfi_package(name);
            let status = known.as_ref().map(|package| status(package.status));
            let mut provided_by: Vec<String> = known.into_iter().flat_map(|package| package.provided_by).collect();
            if provided_by == [name.as_str()] {
                provided_by.clear();
            }
            Package { name: name.clone(), status, provided_by }
        };
        names.iter().map(package).collect()
    }
}

fn known_from(mut candidate: Candidate, note: Option<String>, provenance: Provenance) -> Candidate {
    candidate.note = note.filter(|note| !note.is_empty());
    candidate.confidence = Some(confidence(provenance.confidence));
    candidate.source = Some(provenance.source);
    candidate
}

impl Report<'_> {
    fn print(&self, out: &mut Output) -> io::Result<()> {
        for answer in &self.answers {
            let palette = out.palette;
            let (bold, added) = (palette.bold, palette.added);
            let heading = answer.heading();
            writeln!(out, "{bold}{}{bold:#} {}: {added}{heading}{added:#}", answer.from, self.name)?;
            for candidate in &answer.candidates {
                candidate.print(out)?;
            }
        }
        if self.answers.is_empty() {
            let hint = match (&self.nearest[..], self.kind) {
                ([], "image") => "name its counterpart in a mapping file".to_owned(),
                ([], _) => "look for it with `apk search`, or name its counterpart in a mapping file".to_owned(),
                (near, _) => format!("did you mean {}?", near.join(", ")),
            };
            writeln!(out, "{}: not known; {hint}", self.name)?;
        }
        Ok(())
    }
}

impl Answer {
    fn heading(&self) -> String {
        match (self.outcome, &self.candidates[..]) {
            (Outcome::Dropped, _) => format!("left out, {}", self.reason.as_deref().unwrap_or_default()),
            (Outcome::Absent, _) => "not on Wolfi".to_owned(),
            (Outcome::Ambiguous, _) => "several candidates".to_owned(),
            (Outcome::SameName, _) if self.from == "wolfi" => "has a package of that name".to_owned(),
            (Outcome::SameName, _) if self.from == "image" => "a Chainguard image already".to_owned(),
            (_, [Candidate { image: Some(image), .. }, ..]) => {
                image.paid.clone().unwrap_or_else(|| "nothing".to_owned())
            }
            (_, [candidate, ..]) if !candidate.packages.is_empty() => {
                let names: Vec<&str> = candidate.packages.iter().map(|package| package.name.as_str()).collect();
                names.join(if self.from == "command" { " or " } else { " " })
            }
            _ => "busybox".to_owned(),
        }
    }
}

impl Candidate {
    fn print(&self, out: &mut Output) -> io::Result<()> {
        if let Some(image) = &self.image {
            writeln!(out, "  on the free tier: {}", image.free.as_deref().unwrap_or("nothing"))?;
        }
        for package in &self.packages {
            let with = if self.image.is_some() { "with the package " } else { "" };
            let Some(status) = package.status else {
                writeln!(out, "  {with}{}: not in the list of Wolfi packages", package.name)?;
                continue;
            };
            let providers = package.provided_by.join(", ");
            let provided = if providers.is_empty() { String::new() } else { format!(", also from {providers}") };
            writeln!(out, "  {with}{}: {status}{provided}", package.name)?;
        }
        for place in &self.found {
            writeln!(out, "  {place}")?;
        }
        if let Some(note) = &self.note {
            writeln!(out, "  note: {note}")?;
        }
        match (self.confidence, &self.source) {
            (Some(confidence), Some(source)) => writeln!(out, "  confidence: {confidence}; source: {source}"),
            _ => Ok(()),
        }
    }
}

fn status(status: WolfiStatus) -> &'static str {
    match status {
        WolfiStatus::Indexed => "in the APKINDEX",
        WolfiStatus::Confirmed => "in a free image",
        WolfiStatus::Likely => "needed by a free image",
        WolfiStatus::Uncertain => "in the source tree, perhaps not in the free repository",
        WolfiStatus::Gone => "removed",
    }
}

fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Low => "low",
        Confidence::Medium => "medium",
        Confidence::High => "high",
    }
}

impl DistroName {
    fn named(self) -> (&'static str, Distro) {
        match self {
            Self::Alpine => ("alpine", Distro::Alpine),
            Self::Debian => ("debian", Distro::Debian),
            Self::Fedora => ("fedora", Distro::Fedora),
        }
    }
}
