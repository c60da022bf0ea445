package localelastic;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.IntPredicate;

/** The character classes that {@code token_chars} of the ngram tokenizer may name. */
enum TokenChars {
    LETTER(Character::isLetter),
    DIGIT(Character::isDigit),
    WHITESPACE(Character::isWhitespace),
    PUNCTUATION(categories(
        Character.CONNECTOR_PUNCTUATION, Character.DASH_PUNCTUATION, Character.START_PUNCTUATION,
        Character.END_PUNCTUATION, Character.INITIAL_QUOTE_PUNCTUATION, Character.FINAL_QUOTE_PUNCTUATION,
        Character.OTHER_PUNCTUATION)),
    SYMBOL(categories(
        Character.MATH_SYMBOL, Character.CURRENCY_SYMBOL, Character.MODIFIER_SYMBOL, Character.OTHER_SYMBOL));

    private final IntPredicate members;

    TokenChars(IntPredicate members) {
        this.members = members;
    }

    boolean has(int character) {
        return members.test(character);
    }

    static TokenChars named(String name) {
        String wanted = name.strip().toUpperCase(Locale.ROOT);
        return Arrays.stream(values()).filter(chars -> chars.name().equals(wanted)).findFirst().orElseThrow(
            () -> new IllegalArgumentException(
                "Unknown token type: '" + name + "', must be one of "
                    + Arrays.toString(values()).toLowerCase(Locale.ROOT)));
    }

    private static IntPredicate categories(byte... categories) {
        int mask = 0;
        for (byte category : categories) {
            mask |= 1 << category;
        }
        int members = mask;
        return character -> (members >> Character.getType(character) & 1) == 1;
    }
}
