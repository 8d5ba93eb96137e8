//! The option and verb tables, one file a family. Each names where its rows come from.

pub(crate) mod apk;
pub(crate) mod apt;
pub(crate) mod apt_tools;
pub(crate) mod dpkg;
pub(crate) mod reported;
pub(crate) mod rpm;
pub(crate) mod yum;
pub(crate) mod yum_tools;
