#include "planner/files/spec_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace galvatron {
namespace {

constexpr int kLineWidth = 100;  // characters of a source line that an error shows

// The bytes of `text` from character `first` (0-based), `count` characters long.
std::string_view characters(std::string_view text, int first, int count) {
  const auto byte_of = [text](int character) {
    std::size_t offset = 0;
    for (int seen = 0; seen < character && offset < text.size(); ++seen) {
      do ++offset;
      while (offset < text.size() && (static_cast<unsigned char>(text[offset]) & 0xC0U) == 0x80U);
    }
    return offset;
  };
  const std::size_t begin = byte_of(first);
  return text.substr(begin, byte_of(first + count) - begin);
}

// Spaces as wide as what stands before the caret; tabs stay tabs so that the caret lines up.
std::string caret_line(const Diagnostic& diagnostic) {
  std::string padding(characters(diagnostic.source_line, 0, diagnostic.caret - 1));
  std::string result;
  for (const char byte : padding) {
    if ((static_cast<unsigned char>(byte) & 0xC0U) != 0x80U) result += byte == '\t' ? '\t' : ' ';
  }
  result.resize(std::max(result.size(), static_cast<std::size_t>(diagnostic.caret - 1)), ' ');
  return result + "^";
}

std::string all_texts(const std::vector<Diagnostic>& diagnostics) {
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (!text.empty()) text += '\n';
    text += to_text(diagnostic);
  }
  return text;
}

}  // namespace

Diagnostic diagnose(const Source& source, std::size_t offset, Problem problem) {
  const Mark mark = mark_at(source.text, offset);
  const int first = std::max(0, mark.column - kLineWidth * 3 / 4);
  return {.code = std::move(problem.code),
          .message = std::move(problem.message),
          .file = source.path,
          .line = mark.line,
          .column = mark.column,
          .hint = std::move(problem.hint),
          .source_line =
              std::string(characters(line_at(source.text, offset), first, kLineWidth)),
          .caret = mark.column - first};
}

std::string to_text(const Diagnostic& diagnostic) {
  const std::string hint = diagnostic.hint.empty() ? "" : "\n  " + diagnostic.hint;
  if (diagnostic.line == 0) {
    return fmt::format("{}: {}{}", diagnostic.file, diagnostic.message, hint);
  }
  return fmt::format("{}:{}:{}: {}\n  {}\n  {}{}", diagnostic.file, diagnostic.line,
                     diagnostic.column, diagnostic.message, diagnostic.source_line,
                     caret_line(diagnostic), hint);
}

SpecError::SpecError(Diagnostic diagnostic)
    : SpecError(std::vector<Diagnostic>{std::move(diagnostic)}) {}

SpecError::SpecError(std::vector<Diagnostic> diagnostics)
    : std::runtime_error(all_texts(diagnostics)), diagnostics_(std::move(diagnostics)) {}

}  // namespace galvatron
