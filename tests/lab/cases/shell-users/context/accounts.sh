set -eu
IFS=: read -r name _ uid gid _ home shell < <(getent passwd dev)
echo "$name uid=$uid gid=$gid home=$home shell=$shell"
echo "groups: $(id -Gn)"
IFS=: read -r name _ _ _ _ home shell < <(getent passwd svc)
echo "$name home=$home shell=$shell"
touch .config/written
