// A chain of stages whose parts somebody else profiled, priced by the pipeline's laws alone.
#pragma once

#include <nlohmann/json.hpp>

namespace galvatron {

// {"micro_batches": m, "stages": [{"forward", "backward": seconds of a micro-batch, "send": seconds
// of passing on its output, and of its gradient's way back, "sync": seconds of a step, "states":
// bytes, "kept": bytes of a
// micro-batch in flight, "transient": bytes}, ...]}, under 1F1B. As galvatron_price_rows answers.
nlohmann::ordered_json priced_chain(const nlohmann::ordered_json& chain);

}  // namespace galvatron
