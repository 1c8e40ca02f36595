#include "executor/profile/profile_hardware.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <filesystem>
#include <optional>

#include "cost_models/collective_fit.h"
#include "executor/profile/device_work.h"
#include "executor/profile/group_kinds.h"
#include "executor/profile/machine_facts.h"
#include "executor/profile/measured_device.h"
#include "executor/profile/noise_report.h"
#include "executor/profile/overlap_trial.h"
#include "executor/profile/shared_text.h"
#include "planner/files/atomic_write.h"
#include "planner/plan/hardware_yaml.h"

namespace galvatron {
namespace {

constexpr std::array kCollectives = {CollectiveKind::all_reduce, CollectiveKind::all_gather,
                                     CollectiveKind::reduce_scatter, CollectiveKind::all_to_all,
                                     CollectiveKind::send};

// One collective over one kind of group.
struct Series {
  CollectiveKind collective = CollectiveKind::all_reduce;
  GroupKind kind;
};

// Sends are between pairs only, and once inside and once across nodes.
std::vector<Series> all_series(const std::vector<GroupKind>& kinds) {
  std::vector<Series> series;
  for (const GroupKind& kind : kinds) {
    for (const CollectiveKind collective : kCollectives) {
      const bool is_send = collective == CollectiveKind::send;
      const bool is_measured = std::any_of(series.begin(), series.end(), [&](const Series& one) {
        return is_send && one.collective == collective &&
               one.kind.placement.nodes == kind.placement.nodes;
      });
      if (is_measured || (is_send && kind.placement.ranks != 2)) continue;
      series.push_back({collective, kind});
    }
  }
  return series;
}

// No measurement tells more, and a file is easier to read.
double rounded(double slowdown) { return std::round(slowdown * 1e3) / 1e3; }

class HardwareProfiler {
 public:
  HardwareProfiler(Communicator& world, const HardwareProfileRequest& request,
                   const HardwareProfileControl& control)
      : world_(world), request_(request), control_(control) {}

  Hardware run() {
    const NodeLayout layout = node_layout(world_, request_.device);
    hardware_.name = request_.name;
    hardware_.nodes = layout.nodes;
    hardware_.devices_per_node = layout.devices_per_node;
    take_up_partial();
    const std::vector<GroupKind> kinds = group_kinds(world_.size(), layout.devices_per_node);
    const std::vector<Series> series = all_series(kinds);
    std::vector<CollectiveKind> beside_compute;
    if (world_.size() > 1) beside_compute.assign(kCollectives.begin(), kCollectives.end());
    steps_ = 1 + std::ssize(series) * std::ssize(request_.payloads) + std::ssize(beside_compute);
    step_begin_ = now();
    if (hardware_.device.origin.empty()) measure_device();
    advance(1);
    for (const Series& one : series) measure(one);
    for (const CollectiveKind kind : beside_compute) measure_overlap(kind);
    fit_links();
    report_noise();
    if (world_.rank() == 0) std::filesystem::remove(request_.partial);
    return hardware_;
  }

 private:
  bool speaks() const { return world_.rank() == 0; }

  // Rank 0 reads, all ranks go on from the same.
  void take_up_partial() {
    std::string text;
    if (speaks() && std::filesystem::exists(request_.partial)) {
      text = read_document(request_.partial, kPlanLimit).source.text;
    }
    text = shared_text(world_, text, request_.device);
    if (text.empty()) return;
    const Document document = parse_yaml(make_source(request_.partial, text));
    ErrorList errors(document.source);
    MapReader reader(document.root, errors);
    Hardware partial = read_hardware(reader);
    errors.throw_if_any();
    if (partial.nodes != hardware_.nodes ||
        partial.devices_per_node != hardware_.devices_per_node ||
        partial.device.name != device_name(request_.device)) {
      return;  // of other ranks or devices
    }
    partial.name = hardware_.name;
    hardware_ = std::move(partial);
    if (speaks() && control_.warn) {
      control_.warn(fmt::format("going on with what \"{}\" holds", request_.partial));
    }
  }

  void save() const {
    if (!speaks()) return;
    YamlWriter out;
    write_hardware(out, hardware_);
    write_atomically(request_.partial, out.text());
  }

  void advance(std::int64_t steps) {
    if (control_.moved) control_.moved();
    done_ += steps;
    const Seconds moment = now();
    if (speaks() && control_.progress) {
      control_.progress(done_, steps_, (moment - step_begin_) / static_cast<double>(steps));
    }
    step_begin_ = moment;
  }

  void measure_device() {
    hardware_.device = measured_device(world_, request_, hardware_.devices_per_node, control_);
    agree_on_device();
    save();
  }

  // Rank 0's numbers everywhere, as they stand in the file.
  void agree_on_device() {
    YamlWriter out;
    write_hardware(out, hardware_);
    const std::string text = shared_text(world_, out.text(), request_.device);
    const Document document = parse_yaml(make_source("measured", text));
    ErrorList errors(document.source);
    MapReader reader(document.root, errors);
    hardware_ = read_hardware(reader);
    errors.throw_if_any();
  }

  bool is_measured(const Series& series) const {
    if (!hardware_.collectives) return false;
    const auto& tables = hardware_.collectives->tables;
    return std::any_of(tables.begin(), tables.end(), [&](const CollectiveTable& table) {
      return table.collective == series.collective && table.placement == series.kind.placement;
    });
  }

  void measure(const Series& series) {
    const std::int64_t sizes = std::ssize(request_.payloads);
    if (is_measured(series)) return advance(sizes);
    const std::vector<std::unique_ptr<Communicator>> split = world_.split(series.kind.groups);
    const auto own = std::find_if(split.begin(), split.end(),
                                  [](const auto& group) { return group != nullptr; });
    const CollectiveTrial trial{
        .kind = series.collective, .group = **own, .world = world_, .device = request_.device};
    CollectiveTable table{.collective = series.collective, .placement = series.kind.placement};
    for (const Bytes payload : request_.payloads) {
      const Timing timing = time_collective(trial, payload, request_.limits);
      table.payload.push_back(payload);
      append(table.time, timing);
      advance(1);
      if (timing.minimum >= request_.longest) break;  // a single turn of others is no reason
    }
    const std::int64_t left_out = sizes - std::ssize(table.payload);
    if (left_out > 0) advance(left_out);
    if (!hardware_.collectives) hardware_.collectives.emplace().origin = request_.origin;
    hardware_.collectives->tables.push_back(std::move(table));
    save();
  }

  // The pair for all collectives is the mean of those that were measured.
  void measure_overlap(CollectiveKind kind) {
    if (overlap_of(hardware_.overlap, kind)) return advance(1);
    const Slowdowns found = measured_overlap(
        {.kind = kind, .group = world_, .world = world_, .device = request_.device},
        request_.precisions.front());
    overlap_of(hardware_.overlap, kind) = CollectiveOverlap{
        .compute_slowdown = rounded(found.compute), .traffic_slowdown = rounded(found.traffic)};
    const Slowdowns mean = mean_slowdowns(hardware_.overlap);
    hardware_.overlap.compute_slowdown = rounded(mean.compute);
    hardware_.overlap.traffic_slowdown = rounded(mean.traffic);
    hardware_.overlap.origin = request_.origin;
    save();
    advance(1);
  }

  // Latencies and rates for groups that no table is of.
  void fit_links() {
    if (!hardware_.collectives) return;
    std::vector<CollectiveSample> samples;
    for (const CollectiveTable& table : hardware_.collectives->tables) {
      for (std::size_t i = 0; i < table.payload.size(); ++i) {
        samples.push_back({.collective = {table.collective, table.payload[i]},
                           .placement = table.placement,
                           .time = table.time.median[i]});
      }
    }
    hardware_ = with_measured_links(hardware_, samples, request_.origin);
  }

  void report_noise() const {
    if (!speaks() || !control_.warn) return;
    const std::string noise = noise_of(hardware_).text();
    if (!noise.empty()) control_.warn(noise);
  }

  Communicator& world_;
  const HardwareProfileRequest& request_;
  const HardwareProfileControl& control_;
  Hardware hardware_;
  std::int64_t steps_ = 0;
  std::int64_t done_ = 0;
  Seconds step_begin_{};
};

}  // namespace

Hardware profile_hardware(Communicator& world, const HardwareProfileRequest& request,
                          const HardwareProfileControl& control) {
  return HardwareProfiler(world, request, control).run();
}

}  // namespace galvatron
