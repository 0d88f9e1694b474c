// Package export_wasi_cli_run is a command that sorts the lines of standard input by their bytes, with at most
// `memory` bytes of lines in memory while it sorts.
package export_wasi_cli_run

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	types "go.bytecodealliance.org/pkg/wit/types"
	tempfile "wit_component/scratch_tempfile_tempfile"
)

const (
	memory = 64 << 10
	piece  = 4 << 10
)

// Run is the `run` of `wasi:cli/run`.
func Run() types.Result[types.Unit, types.Unit] {
	if err := sort(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "sort:", err)
		return types.Err[types.Unit, types.Unit](types.Unit{})
	}
	return types.Ok[types.Unit, types.Unit](types.Unit{})
}

func sort(input io.Reader, output io.Writer) error {
	runs, err := sortedRuns(bufio.NewReader(input))
	if err != nil {
		return err
	}
	buffered := bufio.NewWriter(output)
	if err := merge(runs, buffered); err != nil {
		return err
	}
	return buffered.Flush()
}

// run is a sorted file, and its next line.
type run struct {
	file  file
	lines *bufio.Reader
	next  []byte
}

// sortedRuns sorts as many lines at a time as the memory holds, each time into a file of its own.
func sortedRuns(input *bufio.Reader) ([]run, error) {
	var runs []run
	for {
		lines, err := readLines(input)
		if err != nil || len(lines) == 0 {
			return runs, err
		}
		slices.SortFunc(lines, bytes.Compare)
		file, err := create()
		if err != nil {
			return nil, err
		}
		if _, err := file.Write(append(bytes.Join(lines, []byte{'\n'}), '\n')); err != nil {
			return nil, err
		}
		if err := file.rewind(); err != nil {
			return nil, err
		}
		runs = append(runs, run{file: file, lines: bufio.NewReaderSize(file, piece)})
	}
}

// merge prints the lines of all runs in order, and closes the runs.
func merge(runs []run, output *bufio.Writer) error {
	for index := range runs {
		if _, err := runs[index].advance(); err != nil {
			return err
		}
	}
	for len(runs) > 0 {
		first := 0
		for index := range runs {
			if bytes.Compare(runs[index].next, runs[first].next) < 0 {
				first = index
			}
		}
		output.Write(runs[first].next)
		output.WriteByte('\n') // Flush reports the errors of both.
		isThere, err := runs[first].advance()
		if err != nil {
			return err
		}
		if !isThere {
			if err := runs[first].file.close(); err != nil {
				return err
			}
			runs = slices.Delete(runs, first, first+1)
		}
	}
	return nil
}

// advance reads the next line, and returns whether there is one.
func (run *run) advance() (bool, error) {
	line, err := readLine(run.lines)
	run.next = line
	if err == io.EOF {
		return false, nil
	}
	return true, err
}

// readLines reads lines until they have `memory` bytes, or to the end.
func readLines(input *bufio.Reader) ([][]byte, error) {
	var lines [][]byte
	for size := 0; size < memory; {
		line, err := readLine(input)
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		lines = append(lines, line)
		size += len(line) + 1
	}
	return lines, nil
}

// readLine reads a line without its end. The last one may have none.
func readLine(input *bufio.Reader) ([]byte, error) {
	line, err := input.ReadBytes('\n')
	if err == io.EOF && len(line) > 0 {
		return line, nil
	}
	return bytes.TrimSuffix(line, []byte{'\n'}), err
}

// file is a temporary file as an io.Reader and an io.Writer.
type file struct {
	*tempfile.TemporaryFile
}

func create() (file, error) {
	none := types.None[tempfile.FileOptions]()
	created, err := check(tempfile.TemporaryFileCreate(none))
	return file{created}, err
}

func (file file) Read(buffer []byte) (int, error) {
	data, err := check(file.TemporaryFile.Read(uint64(len(buffer))))
	if err == nil && len(data) == 0 && len(buffer) > 0 {
		err = io.EOF
	}
	return copy(buffer, data), err
}

func (file file) Write(data []byte) (int, error) {
	if _, err := check(file.TemporaryFile.Write(data)); err != nil {
		return 0, err
	}
	return len(data), nil
}

func (file file) rewind() error {
	_, err := check(file.TemporaryFile.Seek(0, tempfile.Whence_Start))
	return err
}

func (file file) close() error {
	_, err := check(file.TemporaryFile.Close())
	return err
}

// check returns the value of a result, or its error with the message.
func check[T any](result types.Result[T, tempfile.Error]) (T, error) {
	if result.IsErr() {
		var none T
		return none, errors.New(result.Err().Message)
	}
	return result.Ok(), nil
}
