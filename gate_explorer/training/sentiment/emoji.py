"""The commonest emoji by what they say, and the words that their rows start from.

Which are common was judged by hand from everyday messages; what each says is its usual meaning.
"""

from gate_explorer.zoo.tokenizer import key_of

# What it says, from -2 to 2; a colon; words near in meaning; the emoji.
_TABLE = """
2: love adore: 😍 🥰 ❤ ♥ 💕 💖 💗 💞 💓 💘 💝 💜 💙 💚 🧡 💛 🖤 ❣ 😻 💑
2: wonderful fantastic: 🤩 💯 🏆 🔥 🎉 🥳 🎊 ✨ ⭐ 🌟
1: kiss love: 😘 😚 💋 😗 😙
1: happy smile: 😊 😁 😀 😃 😄 😆 ☺ 🙂 😇 😺 🤗
1: funny laugh: 😂 🤣 😹
1: good great: 👍 👌 💪 ✅ 🙌 👏 🤞 ✌ 🤝 🫶
1: cool fun: 😎 😜 😝 😛 🤪 😉
1: delicious tasty: 😋 🤤
1: celebration gift: 🎂 🎁 🎈 🥂 🍾
1: flowers beautiful: 🌹 🌸 💐 🌺 🌷 🌻 🌈 🌞
1: pretty queen: 👑 💎 🦋
1: relieved calm: 😌
0: please thanks: 🙏
0: think wonder: 🤔 🧐
0: look see: 👀 🙈 🙊 👉 👇 👈 👆
0: hello wave: 👋 🙋
0: maybe unsure: 🤷 😐 😶 🙃 😏 😳
0: music song: 🎶 🎵 🎧
0: home house: 🏠
0: food meal: 🍕 ☕ 🍔 🍰 🍺 🍷 🍦
0: dog cat animal: 🐶 🐱 🐾
0: sun weather: ☀ 🌧 ❄ ⛄ 🌊
0: money dollars: 💰 💸
0: sleep tired: 😴 💤
0: football ball: ⚽ 🏀
0: car travel: 🚗 ✈
-1: sad unhappy: 😢 😞 😔 🥺 ☹ 🙁 😟 😕 😿 😥
-1: crying tears: 😭
-1: annoyed bored: 🙄 😒 😑 🤦 😬
-1: tired exhausted: 😩 😫 😓 😪 😖 😣
-1: afraid shock: 😱 😨 😰
-1: sick ill: 🤒 🤕 😷 🤧
-1: bad dislike: 👎 ❌
-2: angry furious: 😡 😠 🤬 😤 👿
-2: disgusting nasty: 🤮 🤢 💩 🖕
-2: heartbroken sad: 💔
"""


def _read(table: str) -> tuple[dict[str, int], dict[str, tuple[str, ...]]]:
    values: dict[str, int] = {}
    neighbours: dict[str, tuple[str, ...]] = {}
    for line in table.strip().splitlines():
        value, words, emoji = line.split(":")
        for one in emoji.split():
            values[key_of(one)] = int(value)
            neighbours[key_of(one)] = tuple(words.split())
    return values, neighbours


# By the key of an emoji: what it says, from -2 to 2, and words near in meaning.
EMOJI_VALUES, EMOJI_NEIGHBOURS = _read(_TABLE)
