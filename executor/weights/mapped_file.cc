#include "executor/weights/mapped_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "executor/weights/refuse_file.h"

namespace galvatron {
namespace {

[[noreturn]] void refuse_call(const std::string& path, const char* what) {
  refuse_file(path, "unreadable_file",
              fmt::format("cannot {} the file: {}", what, std::strerror(errno)));
}

const char* kind_of_file(mode_t mode) {
  if (S_ISDIR(mode)) return "a directory";
  return S_ISFIFO(mode) ? "a FIFO" : "a device or socket";
}

std::span<const std::byte> map_descriptor(const std::string& path, int descriptor) {
  struct stat status {};
  if (fstat(descriptor, &status) != 0) refuse_call(path, "inspect");
  if (!S_ISREG(status.st_mode)) {
    refuse_file(path, "unreadable_file",
                fmt::format("must be a regular file, found {}", kind_of_file(status.st_mode)));
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0) return {};  // mmap refuses to map nothing
  void* const address = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
  if (address == MAP_FAILED) refuse_call(path, "map");
  return {static_cast<const std::byte*>(address), size};
}

struct CloseAtExit {
  int descriptor;
  ~CloseAtExit() { close(descriptor); }
};

}  // namespace

MappedFile::MappedFile(std::string path) : path_(std::move(path)) {
  const int descriptor = open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  if (descriptor < 0) refuse_call(path_, "open");
  const CloseAtExit closing{descriptor};
  bytes_ = map_descriptor(path_, descriptor);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : path_(std::move(other.path_)), bytes_(std::exchange(other.bytes_, {})) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

MappedFile::~MappedFile() {
  // munmap takes the address as it was given by mmap, without const.
  if (!bytes_.empty()) munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

}  // namespace galvatron
