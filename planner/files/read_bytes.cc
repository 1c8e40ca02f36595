#include "planner/files/read_bytes.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "planner/files/spec_error.h"

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

}  // namespace

std::string read_bytes(const std::string& path, std::int64_t limit) {
  // O_NONBLOCK: opening a FIFO for reading would otherwise wait for a writer.
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
  if (file.number() < 0) refuse_system_call(path, "open the file");
  const struct stat status = open_file_status(path, file);
  if (!S_ISREG(status.st_mode)) {
    refuse_file(path, "unreadable_file",
                fmt::format("must be a regular file, found {}", kind_of_file(status.st_mode)));
  }
  if (status.st_size > limit) refuse_size(path, limit);
  return read_all(path, file, limit);
}

}  // namespace galvatron
