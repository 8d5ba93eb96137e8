//! Which accounts the commands of a stage make.

use super::effect::Call;
use super::trace::Tracer;

impl Tracer<'_> {
    /// Takes down the names that an account command makes, and the homes of users.
    pub(super) fn accounts(&mut self, call: &Call<'_>) {
        let args = self.args(call);
        let mut home = None;
        let mut at = 0;
        let mut operands = Vec::new();
        while let Some(arg) = args.get(at) {
            let Some(arg) = arg else {
                at += 1;
                continue;
            };
            let takes_value = match call.name {
                "useradd" | "usermod" => {
                    arg.len() == 2 && "-bcdefgGkKpRsuZ".contains(&arg[1..]) && arg.starts_with('-')
                        || matches!(
                            arg.as_str(),
                            "--home"
                                | "--home-dir"
                                | "--uid"
                                | "--gid"
                                | "--groups"
                                | "--shell"
                                | "--comment"
                                | "--base-dir"
                                | "--password"
                                | "--skel"
                        )
                }
                "adduser" | "addgroup" => {
                    matches!(
                        arg.as_str(),
                        "-h" | "-g"
                            | "-s"
                            | "-G"
                            | "-u"
                            | "-k"
                            | "--home"
                            | "--gecos"
                            | "--shell"
                            | "--ingroup"
                            | "--uid"
                            | "--gid"
                            | "--conf"
                            | "--firstuid"
                            | "--lastuid"
                    )
                }
                "groupadd" | "groupmod" => matches!(arg.as_str(), "-g" | "-K" | "-p" | "--gid"),
                _ => false,
            };
            if takes_value {
                if matches!(arg.as_str(), "-d" | "--home" | "--home-dir") || (call.name == "adduser" && arg == "-h") {
                    home = args.get(at + 1).cloned().flatten();
                }
                at += 2;
                continue;
            }
            if !arg.starts_with('-') {
                operands.push(arg.clone());
            } else if let Some(value) = arg.strip_prefix("--home-dir=").or(arg.strip_prefix("--home=")) {
                home = Some(value.to_owned());
            }
            at += 1;
        }
        if matches!(call.name, "useradd" | "adduser")
            && let Some(name) = operands.first()
        {
            let home = home.unwrap_or_else(|| format!("/home/{name}"));
            self.trace.homes.insert(name.clone(), home);
        }
        if !matches!(call.name, "passwd" | "chpasswd" | "gpasswd") {
            self.trace.accounts.extend(operands);
        }
    }
}
