#include "planner/files/source.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "planner/files/read_bytes.h"
#include "planner/files/spec_error.h"
#include "planner/files/utf8.h"

namespace galvatron {
namespace {

bool is_forbidden_control(std::string_view rest) {
  const auto byte = static_cast<unsigned char>(rest.front());
  if (byte == '\t' || byte == '\n') return false;
  if (byte == '\r') return rest.size() < 2 || rest[1] != '\n';
  return byte < 0x20 || byte == 0x7F;
}

void check_characters(const Source& source) {
  const std::string_view text = source.text;
  for (std::size_t offset = 0; offset < text.size();) {
    const std::string_view rest = text.substr(offset);
    const std::size_t length = utf8_length(rest);
    const auto byte = static_cast<unsigned char>(rest.front());
    if (length == 0) {
      throw SpecError(diagnose(source, offset,
                               {"not_text", fmt::format("the file must be UTF-8 text, found the "
                                                        "invalid byte 0x{:02X}",
                                                        byte)}));
    }
    if (is_forbidden_control(rest)) {
      throw SpecError(diagnose(
          source, offset,
          {"not_text",
           fmt::format("the file must be text, found the control character 0x{:02X}", byte)}));
    }
    offset += length;
  }
}

}  // namespace

Mark mark_at(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 == 0 on the first line
  const std::string_view line = before.substr(line_start);
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const auto characters = std::count_if(line.begin(), line.end(),
                                        [](char byte) { return !is_utf8_continuation(byte); });
  return {.line = static_cast<int>(lines) + 1, .column = static_cast<int>(characters) + 1};
}

std::string_view line_at(std::string_view text, std::size_t offset) {
  const std::size_t place = std::min(offset, text.size());
  const std::size_t start = text.substr(0, place).rfind('\n') + 1;
  const std::string_view line = text.substr(start, text.find('\n', start) - start);
  return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
}

Source make_source(std::string path, std::string text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.erase(0, kByteOrderMark.size());
  Source source{.path = std::move(path), .text = std::move(text)};
  check_characters(source);
  return source;
}

Source read_source(const std::string& path, std::int64_t limit) {
  return make_source(path, read_bytes(path, limit));
}

}  // namespace galvatron
