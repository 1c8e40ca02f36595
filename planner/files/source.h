// The text of one input file, read defensively: whoever sends a plan or a profile is not trusted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace galvatron {

// Bytes a file may have: what a person writes, and what a program writes or measures.
inline constexpr std::int64_t kRequestLimit = std::int64_t{1} << 20;
inline constexpr std::int64_t kPlanLimit = std::int64_t{4} << 20;

struct Source {
  std::string path;  // as the user gave it; errors quote it
  std::string text;  // valid UTF-8 without byte order mark and without control characters

  bool operator==(const Source&) const = default;
};

// A place in a text, as editors count: the first line is 1, columns count characters, not bytes.
struct Mark {
  int line = 0;
  int column = 0;

  bool operator==(const Mark&) const = default;
};

Mark mark_at(std::string_view text, std::size_t offset);

// The line that holds `offset`, without its line end.
std::string_view line_at(std::string_view text, std::size_t offset);

// Reads a regular file of at most `limit` bytes. Never blocks on a FIFO or a device.
//
// Throws SpecError if the file cannot be read, is no regular file, is too large or is not text.
Source read_source(const std::string& path, std::int64_t limit);

// The same checks for text that did not come from a file; `path` names it in errors.
Source make_source(std::string path, std::string text);

}  // namespace galvatron
