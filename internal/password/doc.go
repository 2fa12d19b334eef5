// Package password hashes and checks passwords in the format of account.password.
//
// The format that both sides read is scrypt:
//
//	hex(salt, 16 bytes) ":" hex(key, 64 bytes)      N=16384 r=16 p=1, 32 MiB of memory for each hash
//
// with the password in Unicode form NFKC, and with the 32 characters of the hexadecimal salt (not the 16 bytes that
// they stand for) as the salt of scrypt. Argon2id in the PHC string format is an option for databases that no
// other implementation reads; both are recognised when a password is checked.
//
// A [Hasher] bounds what hashing may take of the process: so many hashes at once, so many callers waiting, and
// [ErrBusy] for everybody else.
package password
