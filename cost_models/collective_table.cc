#include "cost_models/collective_table.h"

#include <algorithm>
#include <cmath>

namespace galvatron {
namespace {

bool is_send(CollectiveKind kind) {
  return kind == CollectiveKind::send || kind == CollectiveKind::receive;
}

bool is_for(const CollectiveTable& table, CollectiveKind kind, const GroupPlacement& placement) {
  if (is_send(kind)) {
    return is_send(table.collective) && (table.placement.nodes > 1) == (placement.nodes > 1);
  }
  return table.collective == kind && table.placement == placement;
}

}  // namespace

const CollectiveTable* find_table(const MeasuredCollectives& measured, CollectiveKind kind,
                                  const GroupPlacement& placement) {
  const auto found =
      std::find_if(measured.tables.begin(), measured.tables.end(),
                   [&](const CollectiveTable& table) { return is_for(table, kind, placement); });
  return found == measured.tables.end() ? nullptr : &*found;
}

std::optional<Seconds> measured_time(const CollectiveTable& table, Bytes payload) {
  const std::vector<Seconds>& times = table.time.median;
  const auto above = std::lower_bound(table.payload.begin(), table.payload.end(), payload);
  if (above == table.payload.end()) return std::nullopt;
  const auto index = static_cast<std::size_t>(above - table.payload.begin());
  if (index == 0 || *above == payload) return times[index];
  const auto log_of = [](Bytes size) { return std::log(static_cast<double>(size.value)); };
  const double below = log_of(table.payload[index - 1]);
  const double share = (log_of(payload) - below) / (log_of(*above) - below);
  return Seconds{std::exp(std::log(times[index - 1].value) * (1 - share) +
                          std::log(times[index].value) * share)};
}

}  // namespace galvatron
