// Every profile and runtime that is shipped can be read, and says where its numbers come from.
#include <filesystem>

#include "cost_models/hardware.h"
#include "planner/plan/hardware_yaml.h"
#include "planner/plan/runtime_yaml.h"
#include "test/catch.h"

namespace galvatron {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  return files;
}

TEST_CASE("each shipped hardware profile is named as its file and gives origins") {
  const std::vector<fs::path> files = files_in(GALVATRON_SOURCE_PROFILES);
  CHECK(files.size() >= 20);
  for (const fs::path& file : files) {
    INFO(file);
    const Hardware hardware = read_hardware(file.string());
    CHECK(hardware.name == file.stem());
    CHECK(!hardware.device.origin.empty());
    if (hardware.published) continue;
    CHECK(!hardware.intra_node.origin.empty());
    CHECK(!hardware.device.attention.origin.empty());
    CHECK(!hardware.device.overhead.origin.empty());
    if (hardware.inter_node.rate_per_node) CHECK(!hardware.inter_node.origin.empty());
    for (const auto& [precision, name] : kPrecisionNames) {
      INFO(name);
      const auto& law = hardware.device.product[precision];
      if (law) CHECK(!law->origin.empty());
      if (law) CHECK(hardware.device.peak[precision]);
    }
  }
}

TEST_CASE("each shipped runtime is named as its file, gives its origin and trains in 16 bit") {
  const std::vector<fs::path> files = files_in(fs::path(GALVATRON_SOURCE_PROFILES) / "runtimes");
  CHECK(files.size() == 10);
  for (const fs::path& file : files) {
    INFO(file);
    const Runtime runtime = read_runtime(file.string());
    CHECK(runtime.name == file.stem());
    CHECK(!runtime.origin.empty());
    CHECK((runtime.states[Precision::bf16] || runtime.states[Precision::fp16]));
    CHECK(runtime.laws.has_value() == (runtime.name != "galvatron"));
    CHECK(runtime.space.layer_wise == (runtime.name == "galvatron"));
  }
}

}  // namespace
}  // namespace galvatron
