package pgtest

// supervise is the shell script that makes and runs the server ($1 is the directory of the
// binaries, $2 that of the cluster, $3 the port) until its standard input ends. The other
// end of that pipe is held by the process that wants the server, and by nobody else: it is
// closed by Stop, or by the kernel when the process is gone, be it killed.
//
// The end may come at any time. Then the script ends its process group (initdb ends at
// TERM, a server that has clients at QUIT; both shells stay) and removes the files.
const supervise = `
trap : TERM QUIT
{
	trap : TERM QUIT
	"$1/initdb" -D "$2/data" -U postgres -A trust -E UTF8 --locale=C --no-sync &&
	cat "$2/settings" >>"$2/data/postgresql.conf" &&
	"$1/postgres" -D "$2/data" -p "$3"
	touch "$2/failed"
} >"$2/log" 2>&1 </dev/null &
server=$!
read -r _
while kill -0 $server 2>/dev/null; do
	kill -TERM 0
	kill -QUIT 0
	sleep 0.1
done
rm -rf "$2"
`

// settings make the server fast rather than safe: its data is thrown away. It has no
// socket in the file system, whose path could be too long.
const settings = `
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
fsync = off
synchronous_commit = off
full_page_writes = off
timezone = 'UTC'
`
