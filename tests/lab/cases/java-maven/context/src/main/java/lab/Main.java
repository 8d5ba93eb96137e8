package lab;

import java.io.InputStream;

public final class Main {
    public static void main(String[] arguments) throws Exception {
        try (InputStream stream = Main.class.getResourceAsStream("/greeting.txt")) {
            System.out.println(new String(stream.readAllBytes()).trim() + " " + String.join(" ", arguments));
        }
    }
}
