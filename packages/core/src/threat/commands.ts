/**
 * Names of programs, by how they read elsewhere. `plain`: means nothing in a sentence. `spoken`: also a word that people use, so it counts only
 * with arguments of a command line. `work`: what developers type all day; a value that is nothing but such a command is not an attack.
 */
export type CommandClass = 'plain' | 'spoken' | 'work'

function entries(kind: CommandClass, names: string): [string, CommandClass][] {
  return names.split(' ').map((name) => [name, kind])
}

export const commands: ReadonlyMap<string, CommandClass> = new Map([
  ...entries(
    'work',
    'git npm npx yarn pnpm docker kubectl make cargo go node deno bun java javac mvn gradle pytest jest vim vi nano emacs tmux code gcc g++ clang ' +
      'cmake brew helm terraform rake bundle composer dotnet rustc ruby php psql mysql sqlite3 redis-cli mongo mongosh',
  ),
  ...entries(
    'plain',
    'ls ll rm rmdir mkdir ln chmod chown chgrp chroot chsh passwd useradd usermod userdel groupadd adduser deluser sudo doas visudo ' +
      'pkill killall pgrep pstree lsof ifconfig ipconfig netstat nslookup traceroute tracert nmap ncat netcat nc socat telnet ssh scp sftp ' +
      'ssh-copy-id rsync ftp tftp wget lynx aria2c whoami uname hostname hostnamectl uptime lsb_release dmesg lscpu lsusb lspci df du dd mkfs ' +
      'fdisk mkfifo fsck mknod sh zsh ksh csh tcsh rbash busybox irb awk gawk mawk nawk egrep ' +
      'fgrep grep zgrep xargs nohup strace ltrace gdb base32 xxd hexdump od openssl gpg gunzip gzip bzip2 bunzip2 unxz xz zstd zstdcat ' +
      'zcat bzcat xzcat unzip cpio 7z rar unrar crontab systemctl journalctl iptables ip6tables nft ufw firewall-cmd apt-get aptitude dpkg ' +
      'dnf rpm pacman pip pipx easy_install gem awk ping6 printenv setenv unset ldd readelf objdump tac ' +
      'updatedb whereis md5sum sha1sum sha256sum mysqldump pg_dump certutil bitsadmin powershell pwsh wmic regsvr32 rundll32 mshta cscript wscript ' +
      'schtasks tasklist taskkill systeminfo netsh regedit bcdboot bcdedit vssadmin ansible ansible-playbook ansible-galaxy ansible-vault ansible-pull ' +
      'ansible-inventory ansible-config ansible-console chef-run chef-client cpulimit flock rmt rmt-dump cscli setfacl getfacl getent ' +
      'phpinfo shell_exec passthru icacls cacls attrib xcopy robocopy gcc7.4 gcc10.1 ionice stdbuf setsid pkexec capsh nsenter unshare iwr iwmi ' +
      'irm iex invoke-expression invoke-webrequest invoke-restmethod start-process get-childitem get-content get-process set-executionpolicy ipcs ' +
      'ncdu vmstat iostat tcpdump tshark whois umask readlink realpath basename dirname mktemp gcore ghc ginsh rlwrap lwp-download ' +
      'lwp-request jjs jrunscript pdb perlbug pidstat rvim rview scp screen-dump ssh-keygen ssh-keyscan start-stop-daemon stdbuf sysctl ' +
      'tclsh tcpdump update-alternatives uudecode uuencode valgrind vigr vipw watch-exec xelatex zsoelim zypper dosbox dvips eqn aptitude',
  ),
  ...entries(
    'spoken',
    'ping bash fish ip id su wall column locate curl apt dash snap yum python perl strings ash puppet knife chef tex dig tar nice mv rev screen sed wish genie gimp espeak ant sc ss mount attach locate strings sg wc nl tee cp lua perf base64 umount watch ps arp less fold ' +
      'cat echo printf find sort head tail more less time date who w last set at cut kill test type dir net reg del copy move print mail split ' +
      'join look env tr read source exec eval alias export history jobs wait trap sleep shutdown reboot halt poweroff file touch which man screen watch ' +
      'timeout nice command fold comm bridge view ed dmidecode route sc start taskmgr ver vol path cd pwd rename finger users groups free top host install ' +
      'yes true service login paste diff patch stat expand pr seq factor for while if then do ftp batch rc expect bc dc links finger w3m aa-exec ab agetty ' +
      'ar arch as call choice color comp erase fc goto label md mode more pause popd pushd rd rem recover ren replace subst title tree msg query zip cmd init telinit',
  ),
])

/** Commands that say by themselves what they are about, alone in a value. */
export const loneCommands: ReadonlySet<string> = new Set(
  'whoami ifconfig ipconfig netstat systeminfo tasklist shutdown reboot uname phpinfo ansible-console lsof printenv'.split(' '),
)

/** What comes before the command that counts. */
export const prefixes: ReadonlySet<string> = new Set(
  'sudo doas nohup time strace ltrace env exec command builtin busybox xargs nice ionice timeout stdbuf setsid watch then do else cpulimit flock if while which man'.split(
    ' ',
  ),
)
