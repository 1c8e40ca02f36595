#include "test/planner/search/tiny_models.h"

#include <stdexcept>

#include "planner/model/model_file.h"

namespace galvatron {
namespace {

void keep_few(Gpt2Config& config) { config.layers = 2; }
void keep_few(LlamaConfig& config) { config.layers = 2; }
void keep_few(BertConfig& config) { config.layers = 2; }
void keep_few(VitConfig& config) { config.layers = 2; }
void keep_few(SwinConfig& config) { config.depths = {1, 1}; }
void keep_few(T5Config& config) { config.encoder_layers = config.decoder_layers = 1; }
void keep_few(UserModel& model) { model.runs[1].second = 2; }

std::string file_of(const std::string& family) {
  const std::string folder = std::string(GALVATRON_EXAMPLES) + "/" + family;
  return folder + (family == "user_model" ? "/model.yaml" : "/tiny.yaml");
}

}  // namespace

const std::vector<std::string>& tiny_model_names() {
  static const std::vector<std::string> names{"bert", "gpt2", "llama",     "swin",
                                              "t5",   "vit",  "user_model"};
  return names;
}

Model tiny_model(const std::string& family) {
  Model model = read_model(file_of(family)).model;
  std::visit([](auto& config) { keep_few(config); }, model.config);
  return model;
}

PlanInputs tiny_cluster(int devices) {
  PlanInputs inputs;
  Hardware& hardware = inputs.hardware;
  hardware.name = "tiny";
  hardware.nodes = devices > 2 ? 2 : 1;
  hardware.devices_per_node = devices / hardware.nodes;
  hardware.device = {.name = "tiny",
                     .memory = kGiB,
                     .memory_rate = {4e8},
                     .stream_launch = {2e-5},
                     .attention = {.forward_ceiling = 0.4, .backward_ceiling = 0.3}};
  hardware.device.peak[Precision::fp32] = FlopsPerSecond{1e10};
  hardware.device.product[Precision::fp32] =
      ProductLaw{.ceiling = 0.6, .half_depth = 32, .half_width = 16, .launch = {3e-5}};
  hardware.device.overhead = {.context = kMiB, .communicator = Bytes{1 << 16}};
  hardware.intra_node = {.rate_per_device = BytesPerSecond{2e8},
                         .efficiency = 0.8,
                         .collective_efficiency = 0.7,
                         .latency = {.base = {1e-4}, .per_rank = {3e-5}},
                         .bus = {{2, BytesPerSecond{1.5e8}}}};
  hardware.inter_node = {.rate_per_node = BytesPerSecond{1e8},
                         .efficiency = 0.8,
                         .collective_efficiency = 0.7,
                         .latency = {.base = {3e-4}, .per_rank = {5e-5}}};
  hardware.overlap = {.compute_slowdown = 1.2, .traffic_slowdown = 1.1};
  inputs.runtime.host_per_launch = {1e-5};
  inputs.runtime.host_per_step = {1e-3};
  inputs.memory_budget = kGiB;
  inputs.memory_reserve = {1000};
  inputs.search.gap = 0;
  return inputs;
}

}  // namespace galvatron
