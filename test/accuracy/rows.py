"""One published measurement as a configuration to price: the vocabulary of the sets."""

from dataclasses import dataclass, field


@dataclass
class Row:
    key: str  # file and number of the row: what is hashed
    model: dict = None  # a Hugging Face config.json
    hardware: str = ""
    runtime: str = ""
    devices: int = 1
    strategy: dict = None
    global_batch: float = 1
    micro_batch: int = 1
    sequence: int = 1
    precision: str = "bf16"
    devices_per_node: int = 8
    set_keys: tuple = ()
    seconds: float = None  # measured
    gib: float = None
    out_of_memory: bool = None  # the published run ended so; False: it ran
    group: str = None  # rows that one user chooses between
    work: float = 1  # by which time is divided to compare models and batches in a group
    every_second: dict = None  # what every second layer has instead of parts of the strategy
    chain: dict = None  # instead of all these: stages that somebody profiled
    block: str = None  # "forward" or "backward": the seconds are of one block's pass
    expected: str = ""


@dataclass
class Skipped:
    key: str
    reason: str


@dataclass
class RowSet:
    name: str
    file: str
    what: str
    constants: str  # how many were taken from these rows, and which
    others: str  # what others reach on them
    goal: float  # mean error, per cent
    rows: list = field(default_factory=list)
    skipped: list = field(default_factory=list)
    memory: str = None  # how the bytes measured relate to those predicted: see memory_of
    memory_goal: float = None
    memory_others: str = ""
    regret_goal: float = 3
    bias_goal: float = 2


def gpt(layers, hidden, heads, vocabulary, sequence, dropout=0.1):
    return {
        "model_type": "gpt2",
        "n_layer": layers,
        "n_embd": hidden,
        "n_head": heads,
        "n_positions": sequence,
        "vocab_size": vocabulary,
        "resid_pdrop": dropout,
        "embd_pdrop": dropout,
        "attn_pdrop": dropout,
    }


def llama(layers, hidden, width, heads, key_value_heads, vocabulary, sequence):
    return {
        "model_type": "llama",
        "num_hidden_layers": layers,
        "hidden_size": hidden,
        "intermediate_size": width,
        "num_attention_heads": heads,
        "num_key_value_heads": key_value_heads,
        "vocab_size": vocabulary,
        "max_position_embeddings": sequence,
        "tie_word_embeddings": False,
    }


def padded(vocabulary, tensor):
    """As Megatron pads it: to a multiple of 128 per tensor rank."""
    unit = 128 * tensor
    return -(-vocabulary // unit) * unit
