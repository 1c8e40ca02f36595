#include "executor/weights/mapped_file.h"

#include <sys/stat.h>

#include <filesystem>
#include <utility>

#include "test/catch.h"
#include "test/planner/files/error_text.h"
#include "test/planner/files/temporary_folder.h"

namespace galvatron {

TEST_CASE("a mapped file shows its bytes and survives a move") {
  const TemporaryFolder folder;
  MappedFile file(folder.write("data", "abc"));
  MappedFile other(folder.write("other", "z"));
  other = std::move(file);
  REQUIRE(other.bytes().size() == 3);
  CHECK(other.bytes()[2] == std::byte{'c'});
  CHECK(other.path() == folder.path("data"));
}

TEST_CASE("an empty file has no bytes") {
  const TemporaryFolder folder;
  CHECK(MappedFile(folder.write("empty", "")).bytes().empty());
}

TEST_CASE("what is no regular file is refused without waiting") {
  const TemporaryFolder folder;
  const std::string fifo = folder.path("fifo");
  REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
  const std::string missing = folder.path("missing");
  const std::string directory = folder.path("folder");
  std::filesystem::create_directory(directory);
  const auto refusal = [](const std::string& path) {
    return error_text([&] { MappedFile file(path); });
  };
  CHECK(refusal(missing) == missing + ": cannot open the file: No such file or directory");
  CHECK(refusal(directory) == directory + ": must be a regular file, found a directory");
  CHECK(refusal(fifo) == fifo + ": must be a regular file, found a FIFO");
}

}  // namespace galvatron
