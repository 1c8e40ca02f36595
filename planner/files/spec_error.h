// What is wrong with a user's file, and where: `file:line:column: message`, the line, a caret.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

#include "planner/files/source.h"

namespace galvatron {

struct Problem {
  std::string code;       // stable word for programs, e.g. "unknown_key"
  std::string message;    // what was expected and what was found
  std::string hint = {};  // what to do about it, may be empty
};

struct Diagnostic {
  std::string code;
  std::string message;
  std::string file;
  int line = 0;    // 1-based; 0 when the problem is the file as a whole
  int column = 0;  // 1-based, in characters
  std::string hint = {};
  std::string source_line = {};  // cut to a readable width around the column
  int caret = 0;                 // 1-based column of the place within source_line

  bool operator==(const Diagnostic&) const = default;
};

Diagnostic diagnose(const Source& source, std::size_t offset, Problem problem);

// The diagnostic as a person reads it, without a final line end.
std::string to_text(const Diagnostic& diagnostic);

// A file that does not say what it must. Holds every problem that was found; at least one.
class SpecError : public std::runtime_error {
 public:
  explicit SpecError(Diagnostic diagnostic);
  explicit SpecError(std::vector<Diagnostic> diagnostics);

  const std::vector<Diagnostic>& diagnostics() const { return diagnostics_; }

 private:
  std::vector<Diagnostic> diagnostics_;
};

}  // namespace galvatron
