#include "planner/files/source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "planner/files/spec_error.h"
#include "planner/files/utf8.h"

namespace galvatron {
namespace {

class FileDescriptor {
 public:
  explicit FileDescriptor(int descriptor) : descriptor_(descriptor) {}
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  int number() const { return descriptor_; }

 private:
  int descriptor_;
};

[[noreturn]] void refuse_file(const std::string& path, std::string code, std::string message) {
  throw SpecError(Diagnostic{.code = std::move(code), .message = std::move(message), .file = path});
}

[[noreturn]] void refuse_system_call(const std::string& path, const char* call) {
  refuse_file(path, "unreadable_file", fmt::format("cannot {}: {}", call, std::strerror(errno)));
}

const char* kind_of_file(mode_t mode) {
  if (S_ISDIR(mode)) return "a directory";
  if (S_ISFIFO(mode)) return "a FIFO";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

[[noreturn]] void refuse_size(const std::string& path, std::int64_t limit) {
  refuse_file(path, "too_large",
              fmt::format("the file must have at most {} bytes, it has more", limit));
}

struct stat open_file_status(const std::string& path, const FileDescriptor& file) {
  struct stat status {};
  if (fstat(file.number(), &status) != 0) refuse_system_call(path, "inspect the file");
  return status;
}

// Reads one byte past the limit, so that a file that grows while being read is refused too.
std::string read_all(const std::string& path, const FileDescriptor& file, std::int64_t limit) {
  std::string text;
  char buffer[65536];
  for (;;) {
    const ssize_t count = read(file.number(), buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) refuse_system_call(path, "read the file");
    if (count == 0) return text;
    text.append(buffer, static_cast<std::size_t>(count));
    if (static_cast<std::int64_t>(text.size()) > limit) refuse_size(path, limit);
  }
}

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
  // O_NONBLOCK: opening a FIFO for reading would otherwise wait for a writer.
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
  if (file.number() < 0) refuse_system_call(path, "open the file");
  const struct stat status = open_file_status(path, file);
  if (!S_ISREG(status.st_mode)) {
    refuse_file(path, "unreadable_file",
                fmt::format("must be a regular file, found {}", kind_of_file(status.st_mode)));
  }
  if (status.st_size > limit) refuse_size(path, limit);
  return make_source(path, read_all(path, file, limit));
}

}  // namespace galvatron
