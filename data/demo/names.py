"""Names of the invented town: its districts, streets and schools, in Kazakh and Russian."""

from __future__ import annotations

from dataclasses import dataclass

TOWN_KK = "Үлгіқала"
TOWN_RU = "Улгикала"
TOWN_EN = "Ulgiqala"
RIVER = "Мөлдірсу"
PARK = "Жағалау"

_KINDS = {
    "avenue": ("{} даңғылы", "проспект {}"),
    "street": ("{} көшесі", "улица {}"),
    "lane": ("{} өтпесі", "переулок {}"),
    "road": ("{} жолы", "дорога {}"),
}

_LETTERS = str.maketrans("әғқңөұүһіӘҒҚҢӨҰҮҺІ", "агкноуухиАГКНОУУХИ")

_WORDS = (
    "Ақбидай Ақбұлақ Ақжайық Ақжол Ақкөл Ақниет Ақсай Ақтерек Алатау Алау Алмалы Алтынсай Арай "
    "Арайлы Арман Асар Аспан Атамекен Ауылды Әдемі Әсем Байқоңыр Байтақ Балауса Балдәурен "
    "Балқарағай Бастау Бақша Баянды Бәйшешек Бесағаш Бидайлы Болашақ Бұлақ Гүлдер Гүлзар "
    "Данышпан Дархан Даңқ Дәулет Думан Елорда Емен Ерке Еңбек Есіл Жайдарман Жайлау Жаңажол "
    "Жасыл Жауқазын Жидек Жидели Жиек Жұлдыз Жусан Зерде Зерен Игілік Ізгілік Инабат Іскер "
    "Кемеңгер Керуен Көгал Көкжиек Көкорай Көксай Көктем Көктерек Көлсай Күміс Күншуақ "
    "Кәусар Қайнар Қайың Қарағаш Қарлығаш Қызғалдақ Қоңырау Құлагер Қуаныш Лашын Мамыр Мақсат "
    "Маржан Мереке Мерей Мирас Мұрагер Мұнара Мәдениет Мөлдір Наурызек Нұрлы Нұржол Өрген Өркен "
    "Өркениет Өрнек Парасат Рауан Рахат Самал Самұрық Сарқырама Саумал Сәулет Сұлутөр Сұңқар "
    "Сырлы Тазабұлақ Таң Таңшолпан Талап Талды Тұлпар Тұмар Тұран Тілек Ұлағат Ұлытау Үміт "
    "Үркер Шабыт Шапағат Шаттық Шеберлер Шолпан Шұғыла Шырайлы Ырыс Ынтымақ Шалғын Бүлдірген "
    "Шие Өрік Жүзім Мойыл Итмұрын Үйеңкі Тал Шетен Арша Көкпек Изен Бетеге Жоңышқа Тары Арпа "
    "Кендір Мақта Зығыр Тырна Аққу Қаз Үйрек Қараторғай Бөдене Кептер Тоты Бүркіт Қыран Көбелек "
    "Киік Құлан Марал Бұғы Елік Арқар Таутеке"
)
_COMPOUNDS = tuple(
    colour + thing
    for colour in ("Ақ", "Көк", "Сары", "Қара", "Жаңа", "Қос", "Үш")
    for thing in (
        "арна", "дала", "жар", "тас", "өзек", "тоғай", "шың", "бел", "шоқы", "жиде", "құдық",
    )
)  # fmt: skip

STREET_WORDS = (*_WORDS.split(), *_COMPOUNDS)
"""Neutral words (nature, virtues, feasts); no street bears a person's name."""


@dataclass(frozen=True)
class Name:
    """One name in both languages."""

    kk: str
    ru: str


def in_russian(word: str) -> str:
    """Write a Kazakh word with Russian letters, as street signs do.

    >>> in_russian("Көктерек")
    'Коктерек'
    """
    return word.translate(_LETTERS)


def street_name(word: str, kind: str) -> Name:
    """Return the full name of a street; kind is avenue, street, lane or road."""
    kk, ru = _KINDS[kind]
    return Name(kk.format(word), ru.format(in_russian(word)))


def school_name(number: int) -> Name:
    """Return the name of a numbered school."""
    return Name(f"№ {number} жалпы білім беретін мектеп", f"Средняя школа № {number}")
