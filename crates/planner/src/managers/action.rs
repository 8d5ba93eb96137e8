//! What a command line asks a package manager to do.

/// The verbs of all front ends, by what they do and not by what they are called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// `install`, `apk add`.
    Install,
    /// `reinstall`, `install --reinstall`.
    Reinstall,
    /// `yum downgrade`: installs an older version.
    Downgrade,
    /// `dnf swap A B`: removes A, installs B.
    Swap,
    /// `yum groupinstall`, `dnf group install`.
    GroupInstall,
    /// A file or URL is installed, never a name: `dpkg -i`, `rpm -U`, `yum localinstall`, `gdebi`.
    LocalInstall,
    /// `apt-get build-dep`, `dnf builddep`: what building a source package needs.
    BuildDep,
    /// `dnf module …`.
    Module(ModuleVerb),
    /// `apt-get satisfy`.
    Satisfy,
    /// `remove`, `erase`.
    Remove,
    /// `purge`, `remove --purge`.
    Purge,
    /// `autoremove`: what nothing needs any more, and the named packages if any.
    Autoremove,
    /// `apk del`: also takes names of virtual packages.
    Del,
    /// Refreshes the package indexes: `apt-get update`, `apk update`, `yum makecache`.
    Update,
    /// Newer versions of what is installed: `upgrade`, `dist-upgrade`, `yum update`, `install --only-upgrade`.
    Upgrade,
    /// Empties caches: `clean`, `autoclean`, `yum clean all`, `apk cache clean`.
    Clean,
    /// Fetches packages without installing them.
    Download,
    /// Unpacks the files of a package somewhere without installing it: `dpkg -x`, `apk extract`.
    Extract,
    /// `apt-get source`.
    Source,
    /// Undoes or repeats earlier transactions: `yum history undo`.
    History,
    /// Marks packages as wanted, held and the like: `apt-mark`, `dnf mark`, `versionlock`.
    Mark,
    /// Only looks: `list`, `search`, `show`, `rpm -q`, `dpkg -l`, `apk info`, `--version`, `--help`.
    Query,
    /// `dpkg --configure`, `dpkg-reconfigure`, `debconf-set-selections`.
    Configure,
    /// Adds, removes or switches package sources, their keys or architectures.
    RepoSetup,
    /// Makes an index or a package: `apk index`, `createrepo`, `dpkg-deb --build`.
    Index,
    /// Repairs: `apt-get -f install` without names, `apk fix`, `rpm --rebuilddb`.
    Fix,
    /// A verb no table has; empty when there is none or only the shell knows it.
    Unknown(String),
}

/// What `dnf module` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModuleVerb {
    /// `enable`: chooses the stream that later installs take.
    Enable,
    /// `install`
    Install,
    /// `switch-to`: resets and installs.
    SwitchTo,
    /// `disable`
    Disable,
    /// `reset`
    Reset,
    /// `remove`
    Remove,
    /// `update`
    Update,
}

impl Action {
    /// Whether packages come into the image: its operands have to be resolved.
    #[must_use]
    pub fn installs(&self) -> bool {
        matches!(
            self,
            Self::Install
                | Self::Reinstall
                | Self::Downgrade
                | Self::Swap
                | Self::GroupInstall
                | Self::LocalInstall
                | Self::BuildDep
                | Self::Satisfy
                | Self::Module(ModuleVerb::Install | ModuleVerb::SwitchTo)
        )
    }

    /// Whether packages leave the image.
    #[must_use]
    pub fn removes(&self) -> bool {
        matches!(self, Self::Remove | Self::Purge | Self::Autoremove | Self::Del | Self::Module(ModuleVerb::Remove))
    }

    /// Whether it only keeps indexes and caches, so that nothing is left of it where there are none.
    #[must_use]
    pub fn is_housekeeping(&self) -> bool {
        matches!(self, Self::Update | Self::Clean)
    }
}
