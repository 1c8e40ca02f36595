#include "executor/checkpoint/manifest.h"

#include <fstream>
#include <iomanip>
#include <sstream>

#include "planner/files/spec_error.h"
#include "test/catch.h"
#include "test/planner/files/temporary_folder.h"

namespace galvatron {
namespace {

using Catch::Matchers::Contains;

const Manifest kManifest{.state = {.step = 20,
                                   .samples = 80,
                                   .seed = 0xFFFFFFFFFFFFFFFF,
                                   .row_order = RowOrder::shuffled},
                         .files = {{.name = "plan.yaml", .size = {3}, .checksum = 1},
                                   {.name = "rank-0.safetensors", .size = {9}, .checksum = 2}}};

std::string content(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST_CASE("a manifest reads back as it was written") {
  const TemporaryFolder folder;
  write_manifest(folder.path(""), kManifest);
  CHECK(read_manifest(folder.path("")) == kManifest);
}

TEST_CASE("a manifest with one other byte is refused") {
  const TemporaryFolder folder;
  write_manifest(folder.path(""), kManifest);
  std::string text = content(folder.path("manifest.json"));
  text[text.find("20")] = '3';
  folder.write("manifest.json", text);
  CHECK_THROWS_WITH(read_manifest(folder.path("")), Contains("manifest.xxh64 says"));
}

TEST_CASE("a manifest of another version is refused by its number") {
  const TemporaryFolder folder;
  write_manifest(folder.path(""), kManifest);
  std::string text = content(folder.path("manifest.json"));
  text[text.find("\"version\": 1") + 11] = '7';
  folder.write("manifest.json", text);
  const CheckpointFile file = describe_file(folder.path(""), "manifest.json");
  std::ostringstream line;
  line << std::hex << std::setw(16) << std::setfill('0') << file.checksum << "  manifest.json\n";
  folder.write("manifest.xxh64", line.str());
  CHECK_THROWS_WITH(read_manifest(folder.path("")), Contains("version must be 1, got 7"));
}

TEST_CASE("a file that was cut, changed or lost is refused by name") {
  const TemporaryFolder folder;
  folder.write("shard", "0123456789");
  const CheckpointFile file = describe_file(folder.path(""), "shard");
  check_file(folder.path(""), file);
  folder.write("shard", "01234");
  CHECK_THROWS_WITH(check_file(folder.path(""), file), Contains("must have 10 bytes, has 5"));
  folder.write("shard", "0123456780");
  CHECK_THROWS_WITH(check_file(folder.path(""), file), Contains("its checksum must be"));
  std::remove(folder.path("shard").c_str());
  CHECK_THROWS_WITH(check_file(folder.path(""), file), Contains("shard: cannot open the file"));
}

}  // namespace
}  // namespace galvatron
