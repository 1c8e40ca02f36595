#include "planner/review/hardware_keys.h"

#include "planner/plan/hardware_yaml.h"
#include "test/catch.h"

namespace galvatron {
namespace {

const std::string kProfiles = GALVATRON_SOURCE_PROFILES;

Hardware profile(const std::string& name) { return read_hardware(kProfiles + "/" + name); }

std::vector<std::string> names_of_keys(const std::vector<HardwareKey>& keys) {
  std::vector<std::string> names;
  for (const HardwareKey& key : keys) names.push_back(dotted(key));
  return names;
}

TEST_CASE("keys that differ are named as the profile names them") {
  const Hardware before = profile("h100_80gb_sxm.yaml");
  Hardware after = before;
  after.nodes = before.nodes + 1;
  after.device.peak[Precision::bf16] = FlopsPerSecond{1e15};
  after.inter_node.origin = "a guess";
  const std::vector<HardwareKey> keys = different_keys(before, after);
  CHECK(names_of_keys(keys) == std::vector<std::string>{"nodes", "device.peak_tflops.bf16"});
  CHECK(keys[0].before == std::to_string(before.nodes));
  CHECK(keys[1].after == "1000");
}

TEST_CASE("what one side lacks is one key") {
  const Hardware before = profile("h100_80gb_sxm.yaml");
  Hardware after = before;
  after.device.product[Precision::bf16].reset();
  after.inter_node.bus = {{2, BytesPerSecond{1e9}}};
  const std::vector<HardwareKey> keys = different_keys(before, after);
  CHECK(names_of_keys(keys) ==
        std::vector<std::string>{"device.product.bf16", "inter_node.bus_gb_per_s"});
  CHECK(different_keys(before, with_key_of(before, keys[0], after)).size() == 1);
  CHECK(different_keys(before, with_key_of(before, keys[1], after)).size() == 1);
}

TEST_CASE("exchanging every key that differs leaves no difference") {
  const char* const names[] = {"h100_80gb_sxm.yaml", "a100_80gb_sxm.yaml", "cpu_local.yaml",
                               "rtx_titan_8_published.yaml"};
  for (const char* from : names) {
    for (const char* to : names) {
      const Hardware after = profile(to);
      Hardware hardware = profile(from);
      for (const HardwareKey& key : different_keys(hardware, after)) {
        hardware = with_key_of(hardware, key, after);
      }
      CHECK(different_keys(hardware, after).empty());
    }
  }
}

}  // namespace
}  // namespace galvatron
