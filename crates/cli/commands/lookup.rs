//! `lookup`: what one package, command or image is on Wolfi, and how that is known.

use std::io::{self, Write};

use wolfify_mappings::{Confidence, Distro, ImageTarget, Lookup, Mappings, NameKind, Provenance, Tier, WolfiStatus};

use crate::args::{Color, DistroName, LookupArgs, LookupKind};
use crate::commands::ExitStatus;
use crate::config::Settings;
use crate::engine;
use crate::output::{Output, Palette};

/// Prints the answer; ends with 1 when nobody knows the name.
pub(crate) fn run(args: &LookupArgs, color: Color) -> anyhow::Result<ExitStatus> {
    let mappings = engine::mappings(&args.tables, &Settings::default())?;
    let mut out = Output::new(None, color)?;
    let palette = out.palette;
    let mut answer = Answer { mappings: &mappings, palette, name: &args.name, text: Vec::new(), known: false };
    let kind = match args.kind {
        LookupKind::Package => {
            answer.package(args.from)?;
            NameKind::Package
        }
        LookupKind::Command => {
            answer.command()?;
            NameKind::Command
        }
        LookupKind::Image => {
            answer.image()?;
            NameKind::Image
        }
    };
    if !answer.known {
        answer.unknown(kind)?;
    }
    let status = if answer.known { ExitStatus::Success } else { ExitStatus::Found };
    out.write_all(&answer.text)?;
    out.flush()?;
    Ok(status)
}

/// An answer as it is put together.
struct Answer<'a> {
    mappings: &'a Mappings,
    palette: Palette,
    name: &'a str,
    text: Vec<u8>,
    known: bool,
}

impl Answer<'_> {
    fn package(&mut self, from: Option<DistroName>) -> io::Result<()> {
        let all = [DistroName::Alpine, DistroName::Debian, DistroName::Fedora];
        let distros = from.map_or(all.to_vec(), |distro| vec![distro]);
        for distro in distros {
            let (what, distro) = distro.named();
            match self.mappings.package(distro, self.name) {
                Lookup::Mapped(mapping) => {
                    self.heading(what, &mapping.packages.join(" "))?;
                    self.packages(&mapping.packages)?;
                    self.details(mapping.note.as_deref(), &mapping.provenance)?;
                }
                Lookup::Ambiguous(mappings) => {
                    self.heading(what, "several candidates")?;
                    for mapping in mappings {
                        self.packages(&mapping.packages)?;
                        self.details(mapping.note.as_deref(), &mapping.provenance)?;
                    }
                }
                other => self.without_target(what, other)?,
            }
        }
        if from.is_none() && self.mappings.wolfi_package(self.name).is_some() {
            self.heading("wolfi", "has a package of that name")?;
            self.packages(&[self.name.to_owned()])?;
        }
        Ok(())
    }

    fn command(&mut self) -> io::Result<()> {
        match self.mappings.command(self.name) {
            Lookup::Mapped(mapping) => {
                let packages = mapping.packages.join(" or ");
                self.heading("command", if packages.is_empty() { "busybox" } else { &packages })?;
                self.packages(&mapping.packages)?;
                for (holds, place) in [
                    (mapping.busybox, "an applet of BusyBox"),
                    (mapping.in_wolfi_base, "in wolfi-base"),
                    (mapping.in_dev_images, "in every -dev image"),
                ] {
                    if holds {
                        writeln!(self.text, "  {place}")?;
                    }
                }
                self.details(None, &mapping.provenance)
            }
            Lookup::Ambiguous(mappings) => {
                self.heading("command", "several candidates")?;
                for mapping in mappings {
                    self.packages(&mapping.packages)?;
                    self.details(None, &mapping.provenance)?;
                }
                Ok(())
            }
            other => self.without_target("command", other),
        }
    }

    fn image(&mut self) -> io::Result<()> {
        let name = self.name.split_once('@').map_or(self.name, |(name, _)| name);
        // A colon before a slash belongs to a registry's port.
        let split = name.rsplit_once(':').filter(|(_, tag)| !tag.contains('/'));
        let (name, tag) = split.map_or((name, None), |(name, tag)| (name, Some(tag)));
        let mappings = match self.mappings.image(name, tag) {
            Lookup::Mapped(mapping) => vec![mapping],
            Lookup::Ambiguous(mappings) => mappings,
            other => return self.without_target("image", other),
        };
        for mapping in mappings {
            let reference = |target: ImageTarget| match target.tag {
                Some(tag) => format!("{}:{tag}", target.image),
                None => target.image,
            };
            let free = mapping.target(Tier::Free).map_or_else(|| "nothing".to_owned(), reference);
            let paid = mapping.target(Tier::Paid).map_or_else(|| "nothing".to_owned(), reference);
            self.heading("image", &paid)?;
            writeln!(self.text, "  on the free tier: {free}")?;
            if !mapping.packages.is_empty() {
                writeln!(self.text, "  with the packages: {}", mapping.packages.join(" "))?;
            }
            self.details(mapping.note.as_deref(), &mapping.provenance)?;
        }
        Ok(())
    }

    fn heading(&mut self, what: &str, answer: &str) -> io::Result<()> {
        self.known = true;
        let Palette { bold, added, .. } = self.palette;
        writeln!(self.text, "{bold}{what}{bold:#} {}: {added}{answer}{added:#}", self.name)
    }

    fn without_target<T>(&mut self, what: &str, lookup: Lookup<T>) -> io::Result<()> {
        match lookup {
            Lookup::Dropped { reason, provenance } => {
                self.heading(what, &format!("left out, {reason}"))?;
                self.details(None, &provenance)
            }
            Lookup::Absent { advice, provenance } => {
                self.heading(what, "not on Wolfi")?;
                self.details(Some(&advice), &provenance)
            }
            Lookup::Mapped(_) | Lookup::Ambiguous(_) | Lookup::Unknown => Ok(()),
        }
    }

    fn packages(&mut self, names: &[String]) -> io::Result<()> {
        for name in names {
            let Some(package) = self.mappings.wolfi_package(name) else {
                writeln!(self.text, "  {name}: not in the list of Wolfi packages")?;
                continue;
            };
            let provided = if package.provided_by.is_empty() || package.provided_by == [name.as_str()] {
                String::new()
            } else {
                format!(", also from {}", package.provided_by.join(", "))
            };
            writeln!(self.text, "  {name}: {}{provided}", status(package.status))?;
        }
        Ok(())
    }

    fn details(&mut self, note: Option<&str>, provenance: &Provenance) -> io::Result<()> {
        if let Some(note) = note.filter(|note| !note.is_empty()) {
            writeln!(self.text, "  note: {note}")?;
        }
        writeln!(self.text, "  confidence: {}; source: {}", confidence(provenance.confidence), provenance.source)
    }

    fn unknown(&mut self, kind: NameKind) -> io::Result<()> {
        let nearest = self.mappings.nearest(kind, self.name);
        let hint = if nearest.is_empty() { String::new() } else { format!("; did you mean {}?", nearest.join(", ")) };
        writeln!(self.text, "{}: not known{hint}", self.name)
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
