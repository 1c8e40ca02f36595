#include "planner/files/spec_error.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "planner/files/utf8.h"

namespace galvatron {
namespace {

constexpr int kLineWidth = 100;  // characters of a source line that an error shows

// A line as a terminal and a JSON writer can take it: what is no character becomes U+FFFD.
std::vector<std::string> printable_characters(std::string_view line) {
  std::vector<std::string> characters;
  while (!line.empty()) {
    const std::size_t length = utf8_length(line);
    const auto byte = static_cast<unsigned char>(line.front());
    const bool printable =
        length > 1 || byte == '\t' || (length == 1 && byte >= 0x20 && byte != 0x7F);
    characters.push_back(printable ? std::string(line.substr(0, length)) : "\xEF\xBF\xBD");
    line.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return characters;
}

// Spaces as wide as what stands before the caret; tabs stay tabs so that the caret lines up.
std::string caret_line(const Diagnostic& diagnostic) {
  const auto before_caret = static_cast<std::size_t>(diagnostic.caret - 1);
  std::string result;
  for (const std::string& character : printable_characters(diagnostic.source_line)) {
    if (result.size() < before_caret) result += character == "\t" ? '\t' : ' ';
  }
  result.resize(before_caret, ' ');
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
  const int hidden = std::max(0, mark.column - kLineWidth * 3 / 4);  // at the line's beginning
  const std::vector<std::string> line = printable_characters(line_at(source.text, offset));
  const std::size_t first = std::min(static_cast<std::size_t>(hidden), line.size());
  const std::size_t last = std::min(first + kLineWidth, line.size());
  return {.code = std::move(problem.code),
          .message = std::move(problem.message),
          .file = source.path,
          .line = mark.line,
          .column = mark.column,
          .hint = std::move(problem.hint),
          .source_line =
              fmt::format("{}", fmt::join(line.begin() + static_cast<std::ptrdiff_t>(first),
                                          line.begin() + static_cast<std::ptrdiff_t>(last), "")),
          .caret = mark.column - hidden};
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
