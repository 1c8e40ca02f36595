#include "planner/files/atomic_write.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace galvatron {
namespace {

[[noreturn]] void fail(const std::string& path, const char* call, int error) {
  throw std::system_error(error, std::generic_category(),
                          fmt::format("cannot write {}: {}", path, call));
}

// The file that the rename will replace.
std::string resolve_target(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) {
    if (errno != ENOENT) fail(path, "stat", errno);
    return path;
  }
  if (S_ISDIR(status.st_mode)) fail(path, "expected a regular file", EISDIR);
  if (!S_ISREG(status.st_mode)) fail(path, "expected a regular file", EINVAL);
  return std::filesystem::canonical(path).string();
}

// A file of its own name beside the target; removed unless it was renamed.
class TemporaryFile {
 public:
  TemporaryFile(const std::string& shown_path, const std::string& target)
      : shown_path_(shown_path), path_(fmt::format("{}.{}.partial", target, getpid())) {
    descriptor_ = open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor_ < 0) fail(shown_path_, "open", errno);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (descriptor_ >= 0) close(descriptor_);
    if (!path_.empty()) unlink(path_.c_str());
  }

  void write_all(std::string_view text) {
    while (!text.empty()) {
      const ssize_t count = write(descriptor_, text.data(), text.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) fail(shown_path_, "write", errno);
      text.remove_prefix(static_cast<std::size_t>(count));
    }
  }

  void rename_to(const std::string& target) {
    if (fsync(descriptor_) != 0) fail(shown_path_, "fsync", errno);
    const int descriptor = descriptor_;
    descriptor_ = -1;
    if (close(descriptor) != 0) fail(shown_path_, "close", errno);
    if (rename(path_.c_str(), target.c_str()) != 0) fail(shown_path_, "rename", errno);
    path_.clear();
  }

 private:
  std::string shown_path_;
  std::string path_;
  int descriptor_ = -1;
};

std::string directory_of(const std::string& target) {
  const std::string parent = std::filesystem::path(target).parent_path().string();
  return parent.empty() ? "." : parent;
}

// Makes the new name itself durable.
void flush_directory(const std::string& path, const std::string& target) {
  const int directory = open(directory_of(target).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) fail(path, "open its directory", errno);
  const int error = fsync(directory) == 0 ? 0 : errno;
  close(directory);
  // Some file systems cannot flush a directory; the file itself is safe.
  if (error != 0 && error != EINVAL) fail(path, "fsync its directory", error);
}

}  // namespace

void write_atomically(const std::string& path, std::string_view text) {
  const std::string target = resolve_target(path);
  TemporaryFile file(path, target);
  file.write_all(text);
  file.rename_to(target);
  flush_directory(path, target);
}

void require_writable(const std::string& path) { TemporaryFile(path, resolve_target(path)); }

}  // namespace galvatron
