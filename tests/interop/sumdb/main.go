// Sumdb reads a Fujie log with the code that reads Go's checksum database, nothing of it changed:
// golang.org/x/mod/sumdb/note and golang.org/x/mod/sumdb/tlog.
//
//	sumdb URL CASE.zip
//
// URL is the server, whose log is behind URL/log. It checks the checkpoint's signature, every tile
// against its root, every entry against its leaf, inclusion and consistency proofs, the receipts
// that the server gives and those that lie in the case file; and that each of them breaks when a
// byte of it is changed. It prints one line, or what does not hold.
package main

import (
	"archive/zip"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

func main() {
	if len(os.Args) != 3 {
		fail(errors.New("expected a server's address and a case file"))
	}
	told, err := run(strings.TrimRight(os.Args[1], "/")+"/log/", os.Args[2])
	if err != nil {
		fail(err)
	}
	fmt.Println(told)
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "sumdb:", err)
	os.Exit(1)
}

func run(log, casefile string) (string, error) {
	keys, err := verifiers(log)
	if err != nil {
		return "", err
	}
	signed, err := get(log + "checkpoint")
	if err != nil {
		return "", err
	}
	tree, err := open(signed, keys)
	if err != nil {
		return "", err
	}
	if err := breaks(own(signed, keys), func(b []byte) error { _, err := open(b, keys); return err }); err != nil {
		return "", err
	}
	hashes := tlog.TileHashReader(tree, reader{log})
	receipts, err := entries(log, tree, hashes, keys)
	if err != nil {
		return "", err
	}
	proofs, err := consistency(log, tree, hashes)
	if err != nil {
		return "", err
	}
	carried, err := carried(casefile, keys)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d entries by tiles, %d receipts, %d consistency proofs, %d receipts of the case",
		tree.N, receipts, proofs, carried), nil
}

// verifiers reads the log's keys as people copy them.
func verifiers(log string) (note.Verifiers, error) {
	text, err := get(log + "key")
	if err != nil {
		return nil, err
	}
	var list []note.Verifier
	for _, line := range strings.Fields(string(text)) {
		key, err := note.NewVerifier(line)
		if err != nil {
			return nil, err
		}
		list = append(list, key)
	}
	return note.VerifierList(list...), nil
}

// open checks a checkpoint's signature and reads its three lines (c2sp.org/tlog-checkpoint).
func open(signed []byte, keys note.Verifiers) (tlog.Tree, error) {
	opened, err := note.Open(signed, keys)
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != opened.Sigs[0].Name {
		return tlog.Tree{}, errors.New("a checkpoint of another origin than its signature")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

// own is a signed note without the lines by keys that are not known here: witnesses', in which any
// byte may change because this program believes none of them.
func own(signed []byte, keys note.Verifiers) []byte {
	opened, err := note.Open(signed, keys)
	if err != nil {
		return signed
	}
	plain := opened.Text + "\n"
	for _, line := range opened.Sigs {
		plain += fmt.Sprintf("\u2014 %s %s\n", line.Name, line.Base64)
	}
	return []byte(plain)
}

// A reader brings tiles. Go's paths carry the tile's height, c2sp.org/tlog-tiles' do not.
type reader struct{ log string }

func (reader) Height() int                     { return height }
func (reader) SaveTiles([]tlog.Tile, [][]byte) {}

func (r reader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range tiles {
		path := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/", height), "tile/", 1)
		data, err := get(r.log + path)
		if err != nil {
			return nil, err
		}
		found = append(found, data)
	}
	return found, nil
}

// entries walks every leaf: its hash is the tile's, its proof leads to the root, and so does the
// receipt that the server gives for it.
func entries(log string, tree tlog.Tree, hashes tlog.HashReader, keys note.Verifiers) (int, error) {
	count := 0
	for number := int64(0); number*256 < tree.N; number++ {
		width := tree.N - number*256
		path := fmt.Sprintf("tile/entries/%03d.p/%d", number, width)
		if width >= 256 {
			width, path = 256, fmt.Sprintf("tile/entries/%03d", number)
		}
		bundle, err := get(log + path)
		if err != nil {
			return 0, err
		}
		for at := int64(0); at < width; at++ {
			if len(bundle) < 2 || len(bundle) < 2+int(binary.BigEndian.Uint16(bundle)) {
				return 0, errors.New("a bundle that is cut short")
			}
			size := 2 + int(binary.BigEndian.Uint16(bundle))
			entry := bundle[2:size]
			bundle = bundle[size:]
			index := number*256 + at
			proof, err := tlog.ProveRecord(tree.N, index, hashes)
			if err != nil {
				return 0, err
			}
			if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry)); err != nil {
				return 0, err
			}
			text, err := get(log + "receipt/" + hex.EncodeToString(entry[1:33]))
			if err != nil {
				return 0, err
			}
			if err := receipt(text, keys); err != nil {
				return 0, fmt.Errorf("receipt of entry %d: %w", index, err)
			}
			count++
		}
	}
	return count, nil
}

// receipt checks a c2sp.org/tlog-proof@v1 whose extra line is the entry.
func receipt(text []byte, keys note.Verifiers) error {
	head, signed, found := strings.Cut(string(text), "\n\n")
	lines := strings.Split(head, "\n")
	if !found || len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return errors.New("no tlog-proof")
	}
	tree, err := open([]byte(signed), keys)
	if err != nil {
		return err
	}
	entry, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra "))
	if err != nil {
		return err
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
	if err != nil {
		return err
	}
	proof, err := parse(lines[3:])
	if err != nil {
		return err
	}
	return tlog.CheckRecord(tlog.RecordProof(proof), tree.N, tree.Hash, index, tlog.RecordHash(entry))
}

// consistency checks the server's proofs, from roots that the tiles give.
func consistency(log string, tree tlog.Tree, hashes tlog.HashReader) (int, error) {
	count := 0
	for old := int64(1); old <= tree.N; old++ {
		text, err := get(fmt.Sprintf("%sconsistency?old=%d&new=%d", log, old, tree.N))
		if err != nil {
			return 0, err
		}
		head, _, _ := strings.Cut("\n"+string(text), "\n\n")
		proof, err := parse(strings.Fields(head))
		if err != nil {
			return 0, err
		}
		root, err := tlog.TreeHash(old, hashes)
		if err != nil {
			return 0, err
		}
		if err := tlog.CheckTree(tlog.TreeProof(proof), tree.N, tree.Hash, old, root); err != nil {
			return 0, fmt.Errorf("from %d entries: %w", old, err)
		}
		if old < tree.N {
			root[0] ^= 1
			if tlog.CheckTree(tlog.TreeProof(proof), tree.N, tree.Hash, old, root) == nil {
				return 0, errors.New("a proof from another root holds")
			}
		}
		count++
	}
	return count, nil
}

// carried checks the receipts that lie in a case file.
func carried(path string, keys note.Verifiers) (int, error) {
	packed, err := zip.OpenReader(path)
	if err != nil {
		return 0, err
	}
	defer packed.Close()
	count := 0
	for _, member := range packed.File {
		if !strings.HasSuffix(member.Name, ".tlog-proof") {
			continue
		}
		file, err := member.Open()
		if err != nil {
			return 0, err
		}
		text, err := io.ReadAll(file)
		file.Close()
		if err != nil {
			return 0, err
		}
		if err := receipt(text, keys); err != nil {
			return 0, fmt.Errorf("%s: %w", member.Name, err)
		}
		if count == 0 {
			head, signed, _ := strings.Cut(string(text), "\n\n")
			plain := append([]byte(head+"\n\n"), own([]byte(signed), keys)...)
			if err := breaks(plain, func(b []byte) error { return receipt(b, keys) }); err != nil {
				return 0, fmt.Errorf("%s: %w", member.Name, err)
			}
		}
		count++
	}
	if count == 0 {
		return 0, errors.New("no receipt in the case file")
	}
	return count, nil
}

// breaks changes one bit of each byte in turn; each must be refused. It is the bit that Go's base64
// always minds: the lowest ones of a last letter may be unused, and Go does not look at them.
func breaks(good []byte, check func([]byte) error) error {
	for place := range good {
		changed := append([]byte(nil), good...)
		changed[place] ^= 0x20
		if check(changed) == nil {
			return fmt.Errorf("byte %d may change", place)
		}
	}
	return nil
}

func parse(lines []string) ([]tlog.Hash, error) {
	var proof []tlog.Hash
	for _, line := range lines {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return nil, err
		}
		proof = append(proof, hash)
	}
	return proof, nil
}

func get(url string) ([]byte, error) {
	answer, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answered %s", url, answer.Status)
	}
	return io.ReadAll(answer.Body)
}
