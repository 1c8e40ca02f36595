#include "planner/plan/hardware_yaml.h"

#include <stdexcept>

#include "planner/files/spec_error.h"
#include "planner/plan/runtime_yaml.h"
#include "test/catch.h"

namespace galvatron {
namespace {

const std::string kProfiles = GALVATRON_SOURCE_PROFILES;

Hardware read_text(const std::string& text) {
  const Document document = parse_yaml(make_source("profile.yaml", text));
  ErrorList errors(document.source);
  MapReader reader(document.root, errors);
  Hardware hardware = read_hardware(reader);
  errors.throw_if_any();
  return hardware;
}

std::string text_of(const Hardware& hardware) {
  YamlWriter out;
  write_hardware(out, hardware);
  return out.text();
}

std::string error_of(const std::string& text) {
  try {
    read_text(text);
  } catch (const SpecError& error) {
    return error.diagnostics().front().message;
  }
  return "";
}

std::string set_error(const std::string& key, const std::string& value) {
  try {
    set_hardware_key(read_hardware(kProfiles + "/a100_80gb_sxm.yaml"), key, value);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

TEST_CASE("every profile reads back as it is written, and is complete") {
  for (const char* name :
       {"cpu_local", "a100_80gb_sxm", "h100_80gb_sxm", "rtx_titan_8_published"}) {
    const Hardware hardware = read_hardware(kProfiles + "/" + name + ".yaml");
    CHECK(hardware.name == name);
    CHECK(missing_keys(hardware).empty());
    const std::string text = text_of(hardware);
    CHECK(read_text(text) == hardware);
    CHECK(text_of(read_text(text)) == text);
  }
}

TEST_CASE("numbers stand in the units of their keys") {
  const Hardware a100 = read_hardware(kProfiles + "/a100_80gb_sxm.yaml");
  CHECK(a100.device.memory == 80 * kGiB);
  CHECK(a100.device.memory_rate.value == 2000e9);
  CHECK(a100.device.overhead.communicator == 256 * kMiB);
  CHECK(a100.device.peak[Precision::bf16]->value == 312e12);
  CHECK(a100.device.product[Precision::bf16]->launch.value == 4e-6);
  CHECK(a100.intra_node.latency.per_rank.value == 5.5e-6);
  CHECK(a100.intra_node.bus.at(8).value == 227e9);
  CHECK(a100.inter_node.rate_per_node->value == 200e9);
  CHECK_FALSE(a100.inter_node.rate_per_device);
  CHECK(computes_in(a100, Precision::fp32));
  CHECK_FALSE(computes_in(a100, Precision::tf32));
  CHECK_FALSE(computes_in(read_hardware(kProfiles + "/cpu_local.yaml"), Precision::bf16));
}

TEST_CASE("odd numbers read back exactly") {
  Hardware hardware = read_hardware(kProfiles + "/cpu_local.yaml");
  hardware.device.memory = Bytes{4'294'967'297};
  hardware.device.memory_rate = {1.0 / 3 * 1e10};
  hardware.intra_node.latency.base = {1.0 / 7 * 1e-5};
  CHECK(read_text(text_of(hardware)) == hardware);
}

TEST_CASE("slowdowns per collective read back, and a key can be set alone") {
  Hardware hardware = read_hardware(kProfiles + "/a100_80gb_sxm.yaml");
  hardware.overlap.all_gather = CollectiveOverlap{.compute_slowdown = 1.1, .traffic_slowdown = 1};
  hardware.overlap.send = CollectiveOverlap{.traffic_slowdown = 1.5};
  CHECK(read_text(text_of(hardware)) == hardware);
  const Hardware set = set_hardware_key(hardware, "overlap.all_reduce.compute_slowdown", "1.7");
  CHECK(set.overlap.all_reduce == CollectiveOverlap{.compute_slowdown = 1.7});
  CHECK(set.overlap.origin.ends_with("overlap.all_reduce.compute_slowdown set to 1.7"));
}

TEST_CASE("unknown keys and wrong values are refused where they stand") {
  CHECK(error_of("name: x\ndevice: {memory_gb: 80}") == "unknown key `device.memory_gb`");
  CHECK(error_of("name: x\ndevice: {memory_gib: -1}") ==
        "device.memory_gib must be a number between 0 and 1048576, got -1");
  CHECK(error_of("name: x\noverlap: {compute_slowdown: 0.5}") ==
        "overlap.compute_slowdown must be a number of at least 1, got 0.5");
  CHECK(error_of("name: x\noverlap: {send: {compute_slowdown: 0.5}}") ==
        "overlap.send.compute_slowdown must be a number of at least 1, got 0.5");
  CHECK(error_of("name: x\noverlap: {receive: {compute_slowdown: 1.5}}") ==
        "unknown key `overlap.receive`");
  CHECK(error_of("name: x\nintra_node: {bus_gb_per_s: {many: 3}}") ==
        "intra_node.bus_gb_per_s must map counts of ranks (2 or more) to rates, got the key many");
}

TEST_CASE("more nodes than the profile has rates for are named") {
  Hardware hardware = read_hardware(kProfiles + "/cpu_local.yaml");
  hardware.nodes = 2;
  CHECK(missing_keys(hardware) == std::vector<std::string>{"inter_node.gb_per_s_per_node"});
}

TEST_CASE("published constants that are missing are named") {
  Hardware hardware = read_hardware(kProfiles + "/rtx_titan_8_published.yaml");
  CHECK(computes_in(hardware, Precision::fp32));
  CHECK_FALSE(computes_in(hardware, Precision::bf16));
  CHECK(hardware.published->models.size() == 4);
  CHECK(hardware.published->models[0].layers[0].forward_ms == 55.0 / 24);
  CHECK(hardware.published->models[3].layers[1].activation_mib.at(8) == 11.237);
  hardware.published->ring_ms_per_mib.pop_back();
  hardware.published->models[1].layers[0].activation_mib.erase(4);
  hardware.devices_per_node = 4;
  CHECK(missing_keys(hardware) ==
        std::vector<std::string>{"published.ring_ms_per_mib for pipeline 4, ranks 2",
                                 "nodes x devices_per_node = 8",
                                 "published.models[1].layers[0].activation_mib.4"});
}

TEST_CASE("one key is replaced, and its section says so") {
  const Hardware before = read_hardware(kProfiles + "/a100_80gb_sxm.yaml");
  Hardware after = set_hardware_key(before, "inter_node.gb_per_s_per_node", "50");
  CHECK(after.inter_node.rate_per_node->value == 50e9);
  CHECK(after.inter_node.origin ==
        before.inter_node.origin + "; inter_node.gb_per_s_per_node set to 50");
  after.inter_node = before.inter_node;
  CHECK(after == before);

  after = set_hardware_key(before, "device.product.bf16.ceiling", "0.5");
  CHECK(after.device.product[Precision::bf16]->ceiling == 0.5);
  CHECK(after.device.product[Precision::bf16]->origin.ends_with("set to 0.5"));
  CHECK(after.device.origin == before.device.origin);

  after = set_hardware_key(before, "intra_node.bus_gb_per_s.8", "100");
  CHECK(after.intra_node.bus.at(8).value == 100e9);
  CHECK(after.intra_node.bus.at(4) == before.intra_node.bus.at(4));
  CHECK(after.intra_node.origin.ends_with("set to 100"));
  CHECK(set_hardware_key(before, "nodes", "64").nodes == 64);
}

TEST_CASE("a key that does not exist names the nearest one") {
  CHECK(set_error("inter_node.gb_per_s_per_nod", "50") ==
        "unknown key `inter_node.gb_per_s_per_nod`: did you mean `gb_per_s_per_node`?");
  CHECK(set_error("device", "50") == "device must be a map of keys to values, got 50");
  CHECK(set_error("nodes", "0") == "nodes must be an integer of at least 1, got 0");
}

TEST_CASE("the file of our own runtime says what the code assumes") {
  Runtime runtime = read_runtime(kProfiles + "/runtimes/galvatron.yaml");
  runtime.origin.clear();
  CHECK(runtime == Runtime{});
}

TEST_CASE("a runtime reads back as it is written") {
  Runtime runtime{.name = "other",
                  .attention = AttentionKernel::unfused_with_dropout,
                  .tensor_backward = Traffic::overlapped,
                  .host_per_launch = {40e-6}};
  runtime.states[Precision::fp32].reset();
  runtime.update[Precision::fp32].reset();
  runtime.space.zero = {Zero::none, Zero::optimizer};
  runtime.space.layer_wise = false;
  YamlWriter out;
  write_runtime(out, runtime);
  const Document document = parse_yaml(make_source("runtime.yaml", out.text()));
  ErrorList errors(document.source);
  MapReader reader(document.root, errors);
  CHECK(read_runtime(reader) == runtime);
  CHECK(errors.empty());
}

}  // namespace
}  // namespace galvatron
