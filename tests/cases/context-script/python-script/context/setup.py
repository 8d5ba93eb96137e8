import subprocess
subprocess.run(["apt-get", "install"])
