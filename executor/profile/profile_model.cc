#include "executor/profile/profile_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>

#include "cost_models/timing_of.h"
#include "executor/launch/exit_code.h"
#include "executor/parameters/weight_source.h"
#include "executor/profile/device_work.h"
#include "executor/profile/lone_communicator.h"
#include "executor/profile/made_up_samples.h"
#include "executor/profile/noise_report.h"
#include "executor/profile/pass_recorder.h"
#include "executor/profile/repetitions.h"
#include "executor/profile/shallow_model.h"
#include "executor/train/row_limits.h"
#include "executor/train/trainer.h"
#include "planner/plan/global_strategy.h"
#include "planner/plan/layer_identity.h"
#include "planner/plan/placement.h"
#include "planner/plan/structure.h"

namespace galvatron {
namespace {

constexpr std::int64_t kLayersOfAType = 2;
constexpr std::int64_t kMicroBatches = 2;  // of a step
constexpr std::array kRecomputes = {Recompute::none, Recompute::selective};

// One point of the grid.
struct Point {
  int tensor = 1;
  bool sequence_parallel = false;
  std::int64_t samples = 1;
};

struct Subject {
  const ModelProfileRequest& request;
  Model model;  // shallow
  LayerGraph graph;
  BlockTable blocks;
};

// Nothing where a layer refuses the degree, or its tokens do not divide.
std::optional<Plan> plan_of(const Subject& subject, const Point& point, Recompute recompute) {
  const GlobalJob job{.model = subject.model,
                      .job = {.global_batch = point.samples * kMicroBatches,
                              .precision = subject.request.precision,
                              .dropout = subject.request.dropout == Dropout::as_configured},
                      .devices = point.tensor,
                      .micro_batch = point.samples};
  const GlobalStrategy strategy{
      .tensor = point.tensor, .sequence_parallel = point.sequence_parallel, .recompute = recompute};
  try {
    Plan plan = global_plan(job, strategy, subject.graph);
    if (check_structure(plan, subject.graph).empty()) return plan;
  } catch (const std::invalid_argument&) {  // the degree does not divide the layer
  }
  return std::nullopt;
}

StepInput step_input(const RowLimits& limits, std::int64_t step) {
  return {.step = step,
          .learning_rate = 1e-6,
          .targets = 1e3,
          .next_sentence_targets = 1e3,
          .sample = [limits](std::int64_t number) { return made_up_sample(limits, number); }};
}

using PassesByType = std::map<int, RecordedPasses>;

PassesByType recorded_steps(const Subject& subject, const Plan& plan) {
  const std::unique_ptr<Communicator> world =
      make_lone_communicator(plan.devices, subject.request.device);
  Trainer trainer(*world, plan, subject.blocks, {}, subject.request.device);
  trainer.fill(random_weights(0));
  PassRecorder recorder({.program = trainer.program(),
                         .graph = trainer.graph(),
                         .live_bytes = trainer.live_bytes(),
                         .device = subject.request.device});
  trainer.observe([&recorder](std::size_t op, Edge edge) { recorder.mark(op, edge); });
  const RowLimits limits = row_limits(subject.model, subject.graph);
  const RepetitionLimits repetitions{
      .budget = subject.request.budget / static_cast<double>(kRecomputes.size()), .least = 3};
  trainer.step(step_input(limits, 0));
  recorder.forget_times();
  std::vector<Seconds> steps;
  while (wants_more(steps, repetitions)) {
    const Seconds begin = now();
    trainer.step(step_input(limits, 1 + static_cast<std::int64_t>(steps.size())));
    steps.push_back(now() - begin);
  }
  return recorder.passes();
}

// What selective recomputation adds to a backward: never less than nothing.
Timing added(const Timing& with, const Timing& without) {
  const auto difference = [](Seconds a, Seconds b) { return std::max(Seconds{}, a - b); };
  return {.median = difference(with.median, without.median),
          .minimum = difference(with.minimum, without.minimum),
          .p95 = difference(with.p95, without.p95),
          .repetitions = std::min(with.repetitions, without.repetitions)};
}

class Profiler {
 public:
  Profiler(const Subject& subject, const ProfileControl& control)
      : subject_(subject), control_(control) {}

  ModelProfile run() {
    const std::vector<Point> points = grid();
    std::int64_t done = 0;
    for (const Point& point : points) {
      const Seconds begin = now();
      measure(point);
      if (control_.progress) {
        control_.progress(++done, static_cast<std::int64_t>(points.size()), now() - begin);
      }
    }
    if (control_.warn && !noise_.text().empty()) control_.warn(noise_.text());
    return profile();
  }

 private:
  std::vector<Point> grid() const {
    std::vector<Point> points;
    for (const int tensor : subject_.request.tensor_degrees) {
      for (const bool splits : {false, true}) {
        if (splits && tensor == 1) continue;
        for (const std::int64_t samples : subject_.request.micro_batches) {
          const Point point{tensor, splits, samples};
          if (plan_of(subject_, point, Recompute::none)) points.push_back(point);
        }
      }
    }
    return points;
  }

  void measure(const Point& point) {
    const std::optional<Plan> plain = plan_of(subject_, point, Recompute::none);
    const std::optional<Plan> selective = plan_of(subject_, point, Recompute::selective);
    const PassesByType passes = recorded_steps(subject_, *plain);
    const PassesByType repeated = recorded_steps(subject_, *selective);
    for (const auto& [type, of_type] : passes) {
      add(curve_of(type, *plain, point), point, of_type, repeated.at(type));
    }
  }

  // A layer may hold whole tokens where the others are split: then its curve is that of whole ones.
  ProfiledLayer& curve_of(int type, const Plan& plan, const Point& point) {
    const auto number = static_cast<std::size_t>(type);
    const Layer& layer = subject_.graph.types[number];
    const bool splits = strategy_of(plan, first_layer_of(type)).sequence_parallel;
    for (ProfiledLayer& known : layers_) {
      if (known.type == layer.type && known.tensor == point.tensor &&
          known.sequence_parallel == splits) {
        return known;
      }
    }
    return layers_.emplace_back(ProfiledLayer{.type = layer.type,
                                              .identity = layer_identity(layer),
                                              .tensor = point.tensor,
                                              .sequence_parallel = splits,
                                              .selective = TimingCurve{}});
  }

  int first_layer_of(int type) const {
    int layer = 0;
    while (subject_.graph.graph[static_cast<std::size_t>(layer)].type != type) ++layer;
    return layer;
  }

  void add(ProfiledLayer& layer, const Point& point, const RecordedPasses& passes,
           const RecordedPasses& repeated) {
    if (!layer.samples.empty() && layer.samples.back() >= point.samples) return;
    const Timing forward = timing_of(passes.forward);
    const Timing backward = timing_of(passes.backward);
    layer.samples.push_back(point.samples);
    append(layer.forward, forward);
    append(layer.backward, backward);
    append(*layer.selective, added(timing_of(repeated.backward), backward));
    layer.saved.push_back(passes.saved);
    layer.forward_peak.push_back(passes.forward_peak);
    layer.backward_peak.push_back(passes.backward_peak);
    noise_.add(forward,
               fmt::format("{} at tensor {}, {} samples", layer.type, point.tensor, point.samples));
    noise_.add(backward,
               fmt::format("{} at tensor {}, {} samples", layer.type, point.tensor, point.samples));
  }

  ModelProfile profile() {
    const ModelProfileRequest& request = subject_.request;
    std::stable_sort(
        layers_.begin(), layers_.end(),
        [](const ProfiledLayer& a, const ProfiledLayer& b) { return a.type < b.type; });
    return {.model = request.model.name,
            .device = device_name(request.device),
            .precision = request.precision,
            .dropout = request.dropout == Dropout::as_configured,
            .origin = request.origin,
            .layers = layers_};
  }

  const Subject& subject_;
  const ProfileControl& control_;
  std::vector<ProfiledLayer> layers_;
  NoiseReport noise_;
};

Subject subject_of(const ModelProfileRequest& request) {
  Subject subject{.request = request,
                  .model = shallow_model(request.model, kLayersOfAType),
                  .graph = {},
                  .blocks = blocks_of(request.model, request.dropout)};
  subject.graph = build_layer_graph(subject.model);
  for (const Layer& layer : subject.graph.types) {
    if (subject.blocks.contains(layer.type)) continue;
    throw ExecutorError(
        ExitCode::bad_input,
        fmt::format("no block of this program computes layer type \"{}\"", layer.type));
  }
  return subject;
}

}  // namespace

std::vector<int> usual_tensor_degrees(const Model& model) {
  const LayerGraph graph = build_layer_graph(model);
  std::vector<int> degrees;
  for (const int degree : {1, 2, 4, 8}) {
    const bool divides =
        std::all_of(graph.types.begin(), graph.types.end(), [degree](const Layer& layer) {
          return std::all_of(
              layer.tensor_divides.begin(), layer.tensor_divides.end(),
              [degree](const DivisibleBy& divided) { return divided.value % degree == 0; });
        });
    if (divides) degrees.push_back(degree);
  }
  return degrees;
}

ModelProfile profile_model(const ModelProfileRequest& request, const ProfileControl& control) {
  const Subject subject = subject_of(request);
  ModelProfile profile = Profiler(subject, control).run();
  if (!profile.layers.empty()) return profile;
  throw ExecutorError(ExitCode::bad_input,
                      fmt::format("none of the tensor degrees divides {}", request.model.name));
}

}  // namespace galvatron
