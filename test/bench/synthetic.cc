#include "test/bench/synthetic.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "planner/search/wide.h"

namespace galvatron::search {
namespace {

constexpr std::array<std::int64_t, 5> kTensorDegrees{1, 2, 4, 8, 16};
constexpr std::int64_t kDevicesPerNode = 8;

Time picoseconds(double seconds) { return static_cast<Time>(std::llround(seconds * 1e12)); }
Size whole_bytes(double bytes) { return static_cast<Size>(std::llround(bytes)); }

struct LayerKind {
  double parameters = 0;
  double flops_per_token = 0;  // forward
  double kept_per_token = 0;   // bytes of activations that the tensor axis splits
  double logits_per_token = 0;
};

// One way to use the devices of a stage.
struct Layout {
  std::int64_t tensor = 1;
  bool is_sequence_parallel = false;
};

class PairBuilder {
 public:
  PairBuilder(const SyntheticRequest& request, int pipeline, std::int64_t micro_batches)
      : request_(request),
        devices_(request.cluster.devices / pipeline),
        samples_(request.batch / micro_batches) {
    problem_.micro_batches = micro_batches;
    problem_.memory_budget = request.cluster.memory;
    constexpr Size kContext = 2'000'000'000;
    problem_.stages = one_forward_one_backward_stages(pipeline, micro_batches, kContext);
  }

  Problem build() {
    for (const std::int64_t tensor : kTensorDegrees) {
      if (devices_ % tensor != 0 || samples_ % (devices_ / tensor) != 0) continue;
      layouts_.push_back({.tensor = tensor});
      if (tensor > 1) layouts_.push_back({.tensor = tensor, .is_sequence_parallel = true});
    }
    problem_.layouts = static_cast<int>(layouts_.size());
    const SyntheticModel& model = request_.model;
    const double h = static_cast<double>(model.hidden), v = static_cast<double>(model.vocabulary);
    const double s = static_cast<double>(model.sequence);
    add_type({.parameters = v * h, .flops_per_token = 2 * h, .kept_per_token = 2 * h});
    add_type({.parameters = 12 * h * h,
              .flops_per_token = 24 * h * h + 4 * s * h,
              .kept_per_token = 34 * h});
    add_type({.parameters = v * h,
              .flops_per_token = 2 * v * h,
              .kept_per_token = 4 * h,
              .logits_per_token = 6 * v});
    problem_.layers.assign(static_cast<std::size_t>(model.blocks) + 2, 1);
    problem_.layers.front() = 0;
    problem_.layers.back() = 2;
    add_switches();
    return problem_;
  }

 private:
  double bandwidth(std::int64_t span) const {
    return span <= kDevicesPerNode ? request_.cluster.inside_bytes_per_s
                                   : request_.cluster.across_bytes_per_s;
  }
  std::int64_t data(const Layout& layout) const { return devices_ / layout.tensor; }
  double tokens(const Layout& layout) const {
    return static_cast<double>(samples_ / data(layout) * request_.model.sequence);
  }
  double hidden_bytes(const Layout& layout) const {
    return 2 * tokens(layout) * static_cast<double>(request_.model.hidden);
  }

  void add_type(const LayerKind& kind) {
    LayerType type;
    for (std::size_t index = 0; index < layouts_.size(); ++index) {
      const Layout& layout = layouts_[index];
      for (int zero = 0; zero <= (data(layout) > 1 ? 3 : 0); ++zero) {
        for (int recompute = 0; recompute <= 2; ++recompute) {
          Option option = price(kind, layout, {zero, recompute});
          option.layout = static_cast<int>(index);
          type.options.push_back(option);
        }
      }
      const double send =
          hidden_bytes(layout) / static_cast<double>(layout.tensor) / bandwidth(devices_ + 8);
      const double gather = layout.is_sequence_parallel || layout.tensor == 1
                                ? 0
                                : hidden_bytes(layout) / bandwidth(layout.tensor);
      type.enter.push_back({picoseconds(2 * (send + gather)), whole_bytes(hidden_bytes(layout))});
      type.leave.push_back({picoseconds(2 * (send + gather)), whole_bytes(hidden_bytes(layout))});
    }
    problem_.types.push_back(type);
  }

  struct Choice {
    int zero;
    int recompute;
  };

  Option price(const LayerKind& kind, const Layout& layout, Choice choice) const {
    const double t = static_cast<double>(layout.tensor), d = static_cast<double>(data(layout));
    const double forward = tokens(layout) * kind.flops_per_token / t /
                           (request_.cluster.flops_per_s * (1 - 0.02 * std::log2(t)));
    const double reduce =
        t == 1 ? 0 : 4 * hidden_bytes(layout) * (t - 1) / t / bandwidth(layout.tensor);
    constexpr std::array<double, 3> kRecomputed{0, 0.12, 1};
    constexpr std::array<double, 3> kKept{1, 0.5, 0.06};
    const auto recompute = static_cast<std::size_t>(choice.recompute);
    const double shard = kind.parameters / t;
    const double across = bandwidth(devices_);
    const double gather = choice.zero == 3 ? 2 * 2 * shard * (d - 1) / d / across : 0;
    const double scatter = choice.zero >= 2 ? 2 * shard * (d - 1) / d / across : 0;
    const double backward = forward * (2 + kRecomputed[recompute]) + reduce + gather / 2 + scatter;
    const double sync =
        choice.zero >= 2 || d == 1 ? 0 : (choice.zero == 0 ? 4 : 2) * shard / across;
    const double owned = choice.zero == 0 ? shard : shard / d;
    const double states = 2 * shard / (choice.zero == 3 ? d : 1) +
                          4 * shard / (choice.zero >= 2 ? d : 1) + 12 * owned;
    const double split = layout.is_sequence_parallel ? t : 1 + 0.7 * (t - 1);
    return {
        .time = picoseconds(forward + reduce / 2 + gather / 2 + backward),
        .backward = picoseconds(backward),
        .sync = picoseconds(std::max(0.0, sync - 0.5 * backward)),
        .optimizer = picoseconds(owned * 28 / 1.5e12 +
                                 (choice.zero == 1 || choice.zero == 2 ? 2 * shard / across : 0)),
        .states = whole_bytes(states),
        .activations = whole_bytes(tokens(layout) * kind.kept_per_token * kKept[recompute] / split),
        .transient =
            whole_bytes(tokens(layout) * (kind.logits_per_token / t +
                                          kind.kept_per_token / split * (1 - kKept[recompute])) +
                        (choice.zero == 3 ? 4 * shard : 0))};
  }

  void add_switches() {
    std::vector<Toll> tolls;
    for (const Layout& from : layouts_) {
      for (const Layout& to : layouts_) {
        const std::int64_t span = std::max(from.tensor, to.tensor);
        const double bytes = std::max(hidden_bytes(from), hidden_bytes(to));
        const bool is_free = &from == &to;
        tolls.push_back({is_free ? 0 : picoseconds(2 * bytes / bandwidth(span) + 2e-5),
                         is_free ? 0 : whole_bytes(bytes)});
      }
    }
    problem_.switches = {SwitchTable{tolls}};
  }

  const SyntheticRequest& request_;
  std::int64_t devices_;
  std::int64_t samples_;
  std::vector<Layout> layouts_;
  Problem problem_;
};

// Every stage at least P-th of the work, one stage m times; no memory, no communication.
Time memory_free_bound(const Problem& problem) {
  Wide sum = 0;
  Time largest = 0;
  for (const int type : problem.layers) {
    Time least = kUnlimited;
    for (const Option& option : problem.types[static_cast<std::size_t>(type)].options) {
      least = std::min(least, option.time);
    }
    if (least == kUnlimited) return kUnlimited;
    sum += least;
    largest = std::max(largest, least);
  }
  const auto stages = static_cast<Wide>(problem.stages.size());
  const Wide slowest = std::max<Wide>(sum / stages, largest);
  return static_cast<Time>(sum + (problem.micro_batches - 1) * slowest);
}

}  // namespace

std::vector<Candidate> synthetic_candidates(const SyntheticRequest& request) {
  std::vector<Candidate> candidates;
  for (int pipeline = request.least_pipeline; pipeline <= request.model.blocks + 2; ++pipeline) {
    if (request.cluster.devices % pipeline != 0) continue;
    for (std::int64_t m = 1; m <= request.batch; ++m) {
      if (request.batch % m != 0) continue;
      Problem problem = PairBuilder(request, pipeline, m).build();
      if (problem.layouts == 0) continue;
      candidates.push_back({.pipeline = pipeline,
                            .micro_batches = m,
                            .bound = memory_free_bound(problem),
                            .build = [problem] { return problem; }});
    }
  }
  return candidates;
}

}  // namespace galvatron::search
