// Training equals Hugging Face transformers: ten AdamW steps of tiny models, whose weights,
// data, losses, gradient norms and updated weights lie in test/executor/goldens.
#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "executor/communication/mpi_communicator.h"
#include "executor/train/train.h"
#include "executor/weights/weight_files.h"
#include "planner/model/layer_graph.h"
#include "planner/model/model_file.h"
#include "test/catch.h"
#include "test/executor/test_device.h"

namespace galvatron {
namespace {

namespace fs = std::filesystem;

constexpr double kLossTolerance = 1e-5;    // relative
constexpr double kNormTolerance = 1e-4;    // relative
constexpr double kWeightTolerance = 1e-3;  // |w - w_HF| / |w_HF - w_0| per tensor

struct Golden {
  std::string model;
  std::string run;  // "" or "_clipped"
};

const std::vector<Golden> kGoldens{{"gpt2_regular", ""},
                                   {"gpt2_irregular", ""},
                                   {"gpt2_irregular", "_clipped"},
                                   {"llama_regular", ""},
                                   {"llama_irregular", ""},
                                   {"llama_irregular", "_clipped"},
                                   {"bert_regular", ""},
                                   {"bert_irregular", ""},
                                   {"bert_irregular", "_clipped"},
                                   {"bert_pretraining", "_clipped"},
                                   {"vit_regular", ""},
                                   {"vit_irregular", ""},
                                   {"vit_irregular", "_clipped"},
                                   {"t5_regular", ""},
                                   {"t5_irregular", ""},
                                   {"t5_irregular", "_clipped"},
                                   {"swin_regular", ""},
                                   {"swin_irregular", ""},
                                   {"swin_irregular", "_clipped"}};

fs::path folder_of(const Golden& golden) { return fs::path(GALVATRON_GOLDENS) / golden.model; }

nlohmann::json expected_of(const Golden& golden) {
  std::ifstream file(folder_of(golden) / ("expected" + golden.run + ".json"));
  return nlohmann::json::parse(file);
}

Model model_of(const Golden& golden) {
  Model model = read_model((folder_of(golden) / "config.json").string()).model;
  const nlohmann::json expected = expected_of(golden);
  model.sequence_length = expected["sequence"];
  if (auto* const config = std::get_if<T5Config>(&model.config)) {
    config->target_sequence_length = expected["target_sequence"];
  }
  return model;
}

Plan one_process(const Golden& golden) {
  const nlohmann::json expected = expected_of(golden);
  Plan plan{.model = model_of(golden), .job = {.global_batch = expected["global_batch"]}};
  if (!expected["clip_grad_norm"].is_null()) {
    plan.job.clip_grad_norm = expected["clip_grad_norm"].get<double>();
  }
  const int layers = layer_count(build_layer_graph(plan.model));
  plan.stages = {{.first_layer = 0, .last_layer = layers - 1}};
  plan.strategies.resize(static_cast<std::size_t>(layers));
  return plan;
}

// Two stages of two ranks, tensor parallel on one side and sharded on the other. Sequence parallel
// where the layer can be.
Plan four_ranks(const Golden& golden) {
  Plan plan = one_process(golden);
  const LayerGraph graph = build_layer_graph(plan.model);
  const int last = plan.stages[0].last_layer;
  plan.devices = 4;
  plan.micro_batches = 2;
  plan.stages = {{.first_layer = 0, .last_layer = 2}, {.first_layer = 3, .last_layer = last}};
  const Strategy split{.tensor = 2, .sequence_parallel = true, .recompute = Recompute::full};
  const Strategy sharded{.data = 2, .zero = Zero::parameters, .recompute = Recompute::selective};
  for (int layer = 0; layer <= last; ++layer) {
    const bool end = layer == 0 || layer == last || layer_at(graph, layer).vocabulary > 0;
    Strategy& own = plan.strategies[static_cast<std::size_t>(layer)];
    own = end || layer < 3 ? split : sharded;
    if (!layer_at(graph, layer).whole_tokens_reason.empty()) own.sequence_parallel = false;
  }
  return plan;
}

TrainOptions options_of(const Golden& golden) {
  const nlohmann::json expected = expected_of(golden);
  const fs::path folder = folder_of(golden);
  TrainOptions options{.device = test_device().is_cpu() ? DeviceKind::cpu : DeviceKind::cuda,
                       .data = "safetensors:" + (folder / "data.safetensors").string(),
                       .steps = static_cast<std::int64_t>(expected["losses"].size()),
                       .weights = (folder / "model.safetensors").string(),
                       .export_weights = (fs::temp_directory_path() / "galvatron_golden").string()};
  options.learning_rate.peak = expected["learning_rate"];
  options.optimizer = {.beta1 = expected["beta1"],
                       .beta2 = expected["beta2"],
                       .epsilon = expected["epsilon"],
                       .weight_decay = expected["weight_decay"]};
  return options;
}

// The largest deviation of each kind.
struct Deviation {
  double loss = 0;
  double norm = 0;
  double weight = 0;
};

bool within_tolerance(const Deviation& deviation) {
  return deviation.loss <= kLossTolerance && deviation.norm <= kNormTolerance &&
         deviation.weight <= kWeightTolerance;
}

// Without the key biases, whose gradient is zero but for rounding: softmax does not see a shift
// common to all keys. They are the middle third of GPT-2's c_attn.bias, elsewhere key.bias.
std::vector<float> compared_values(const WeightFiles& files, const std::string& name,
                                   std::int64_t elements) {
  std::vector<float> values(static_cast<std::size_t>(elements));
  read_floats(files, name, std::vector<ElementRange>{{0, elements}}, values);
  if (name.ends_with("attn.c_attn.bias")) {
    const auto third = static_cast<std::ptrdiff_t>(elements / 3);
    values.erase(values.begin() + third, values.begin() + 2 * third);
  }
  return values;
}

double distance(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::pow(double{a[i]} - double{b[i]}, 2);
  return std::sqrt(sum);
}

double weight_deviation(const Golden& golden, const std::string& exported) {
  const WeightFiles before = open_weights((folder_of(golden) / "model.safetensors").string());
  const WeightFiles theirs =
      open_weights((folder_of(golden) / ("final" + golden.run + ".safetensors")).string());
  const WeightFiles ours = open_weights(exported);
  double largest = 0;
  for (const auto& [name, place] : theirs.tensors) {
    if (name.ends_with(".key.bias") || name.ends_with(".relative_position_index")) continue;
    const TensorEntry& tensor = theirs.files[place.file].tensors[place.tensor];
    const std::int64_t elements = element_count(tensor.shape);
    const std::vector<float> expected = compared_values(theirs, name, elements);
    largest = std::max(largest, distance(compared_values(ours, name, elements), expected) /
                                    distance(expected, compared_values(before, name, elements)));
  }
  return largest;
}

struct Attempt {
  Plan plan;
  BlockTable blocks;
  TrainOptions options;
};

Attempt attempt_of(const Golden& golden, const Plan& plan) {
  return {plan, blocks_of(plan.model, Dropout::as_configured), options_of(golden)};
}

// On ranks outside the plan all is zero. Weights are compared by rank 0, which wrote them.
Deviation deviation_of(const Golden& golden, const Attempt& attempt) {
  Ledger ledger;
  const auto world = make_test_world(attempt.plan.devices, ledger);
  if (!world) return {};
  const auto records = train(*world, attempt.plan, attempt.blocks, attempt.options);
  const nlohmann::json expected = expected_of(golden);
  Deviation deviation;
  for (std::size_t step = 0; step < records.size(); ++step) {
    const double loss = expected["losses"][step];
    const double norm = expected["grad_norms"][step];
    deviation.loss = std::max(deviation.loss, std::abs(records[step].loss - loss) / loss);
    deviation.norm = std::max(deviation.norm, std::abs(records[step].grad_norm - norm) / norm);
  }
  if (world->rank() == 0) {
    deviation.weight = weight_deviation(golden, attempt.options.export_weights);
  }
  world->barrier();
  return deviation;
}

TEST_CASE("ten steps equal Hugging Face's, in one process and on four ranks") {
  for (const Golden& golden : kGoldens) {
    for (const Plan& plan : {one_process(golden), four_ranks(golden)}) {
      INFO(golden.model << golden.run << " on " << plan.devices << " ranks");
      const Deviation deviation = deviation_of(golden, attempt_of(golden, plan));
      INFO("loss " << deviation.loss << ", norm " << deviation.norm << ", weights "
                   << deviation.weight);
      CHECK(within_tolerance(deviation));
    }
  }
}

TEST_CASE("a wrong beta does not pass") {
  const Golden golden{"llama_regular", ""};
  Attempt first = attempt_of(golden, one_process(golden));
  first.options.optimizer.beta1 = 0.89;
  Attempt second = attempt_of(golden, one_process(golden));
  second.options.optimizer.beta2 = 0.99;
  const Deviation of_first = deviation_of(golden, first);
  const Deviation of_second = deviation_of(golden, second);
  if (mpi_world_rank() > 0) return;
  CHECK(!within_tolerance(of_first));
  CHECK(!within_tolerance(of_second));
}

TEST_CASE("a bias that should not be there does not pass") {
  const Golden golden{"gpt2_regular", ""};
  Attempt attempt = attempt_of(golden, one_process(golden));
  const Block right = attempt.blocks.at("gpt2_block");
  attempt.blocks["gpt2_block"] = [right](const BlockContext& context, at::Tensor input) {
    const at::Tensor output = right(context, std::move(input));
    const at::Tensor bias = output.new_zeros({output.size(1)});
    bias.narrow(0, 0, 1).fill_(0.01);  // of one column: norms remove what is common to all
    return output.add(bias);
  };
  const Deviation deviation = deviation_of(golden, attempt);
  if (mpi_world_rank() == 0) CHECK(!within_tolerance(deviation));
}

}  // namespace
}  // namespace galvatron
