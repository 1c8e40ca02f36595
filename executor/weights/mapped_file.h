// A file in memory without reading it: pages come from disk when they are touched.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace galvatron {

// Read-only and private. The file must not shrink while it is mapped: touching what is gone ends
// the process with SIGBUS.
class MappedFile {
 public:
  // Throws SpecError if the path cannot be opened or is no regular file; never waits on a FIFO.
  explicit MappedFile(std::string path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  const std::string& path() const { return path_; }
  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  std::string path_;
  std::span<const std::byte> bytes_;
};

}  // namespace galvatron
